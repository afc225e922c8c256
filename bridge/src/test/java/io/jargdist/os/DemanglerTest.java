/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory that is taken is this process's, so each test measures its peak. */
class DemanglerTest {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final long MEGABYTE = 1 << 20;
  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_ZN15G1CollectedHeap7collectEN7GCCause5CauseE | G1CollectedHeap::collect(GCCause::Cause)",
        "_ZNSt6vectorIiSaIiEE9push_backERKi"
            + " | std::vector<int, std::allocator<int> >::push_back(int const&)",
        "_ZN1aIL1b10EE1cIiEEvT_ | void a<(b)10>::c<int>(int)",
        "_Z1fIiEvT_PFvS0_E | void f<int>(int, void (*)(int))",
      })
  void ordinaryNamesAreReadable(String mangled, String readable) {
    assertThat(new Demangler().demangle(mangled)).isEqualTo(readable);
  }

  /** Each parameter is a pair of the one before it: 2^34 times an int. */
  @Test
  void aNameThatDoublesInEachStepTakesNoMemory() throws Exception {
    StringBuilder name = new StringBuilder("_Z4real1pIiiE");
    for (int i = 0; i < 34; i++) {
      String last = "S" + DIGITS.charAt(i) + "_";
      name.append("S_I").append(last).append(last).append('E');
    }
    long before = peak();
    assertThat(new Demangler().demangle(name.toString())).isNull();
    assertThat(peak() - before).isLessThan(50 * MEGABYTE);
  }

  /** A pack of many elements, expanded in an expansion, again and again. */
  @Test
  void packsInPacksTakeNoMemory() throws Exception {
    String name = "_Z1fIJ" + "i".repeat(200) + "EEvDp1aIT_JDp1bIT_JDp1cIT_JDp1dIT_EEEEEEE";
    long before = peak();
    assertThat(new Demangler().demangle(name)).isNull();
    assertThat(peak() - before).isLessThan(50 * MEGABYTE);
  }

  /** The worst that is left: pieces of names in any order. */
  @Test
  @Timeout(60)
  void randomNamesTakeLittleTimeAndMemory() throws Exception {
    String[] pieces = {
      "S_", "S0_", "S1_", "S2_", "T_", "T0_", "I", "E", "N", "1a", "2bc", "i", "P", "R", "O", "K",
      "J", "F", "A4_", "M", "St", "Sa", "C1", "D2", "L1a", "L1a5E", "LS_5E", "Li5E", "pl", "vi",
      "B1x", "cl", "li", "u1y", "E", "E", "E", "I", "1f", "v", "Dp", "cv", "X", "sr", "Z", "DT"
    };
    Random random = new Random(SEED);
    Demangler demangler = new Demangler();
    long before = peak();
    int readable = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder name = new StringBuilder(random.nextBoolean() ? "_Z1f" : "_ZN1a");
      for (int left = random.nextInt(80); left > 0; left--) {
        name.append(pieces[random.nextInt(pieces.length - (i % 10 == 0 ? 0 : 6))]);
      }
      long start = System.nanoTime();
      String text = demangler.demangle(name.toString());
      readable += text == null ? 0 : 1;
      assertThat(text == null ? 0 : text.length()).as(name.toString()).isLessThan(200_000);
      assertThat(System.nanoTime() - start).as(name.toString()).isLessThan(5_000_000_000L);
    }
    assertThat(readable).as("seed " + SEED).isPositive();
    assertThat(peak() - before).as("seed " + SEED).isLessThan(500 * MEGABYTE);
  }

  /** Returns the peak of this process's memory, in bytes. */
  private static long peak() throws Exception {
    for (String line : KernelFile.lines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new AssertionError("no VmHWM");
  }
}
