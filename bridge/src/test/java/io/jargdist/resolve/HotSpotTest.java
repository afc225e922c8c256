/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.facts.CType;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.hotspot.Memory;
import io.jargdist.resolve.hotspot.VmFlags;
import io.jargdist.resolve.hotspot.VmStructs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Reads this JVM itself. */
class HotSpotTest {
  private static final int PAGE = 4096;

  private static TargetLibraries libraries() throws Exception {
    return new TargetLibraries(TargetProcess.of(ProcessHandle.current().pid()));
  }

  @Test
  void aFieldThatIsNotThereIsNamed() throws Exception {
    try (TargetLibraries libraries = libraries();
        HotSpot jvm = requireNonNull(HotSpot.of(libraries))) {
      VmStructs structs = jvm.structs();
      assertThat(structs.field("OSThread", "_thread_id").isStatic()).isFalse();
      assertThat(structs.field("OSThread", "_thread_id").offset()).isPositive();
      assertThatThrownBy(() -> structs.field("Thread", "_nothing"))
          .hasMessage("this JVM does not tell of a field Thread::_nothing");
      assertThatThrownBy(() -> structs.type("Nothing"))
          .hasMessage("this JVM does not tell of a type Nothing");
      assertThat(jvm.has("JVM_MonitorWait")).isTrue();
      assertThat(jvm.has("JVM_Nothing")).isFalse();
      assertThat(jvm.flags().isOn("UseFastJNIAccessors")).isTrue();
      assertThat(jvm.flags().isOn("Nothing")).isNull();
    }
  }

  /** Whatever the tables say, reading them ends soon, with an answer or with an IOException. */
  @Test
  void tablesOfAnyContentAreRead() throws Exception {
    try (TargetLibraries libraries = libraries();
        HotSpot jvm = requireNonNull(HotSpot.of(libraries));
        RegularFile memory = RegularFile.open("/proc/self/mem", "memory")) {
      Map<Long, byte[]> pages = new TreeMap<>();
      Map<String, Long> symbols = jvm.symbols();
      read(
          symbols,
          (address, into) -> {
            int length = memory.read(address, into);
            pages.put(address, into.clone());
            return length;
          });
      List<Long> addresses = new ArrayList<>(pages.keySet());
      ByteBuffer all = ByteBuffer.allocate(pages.size() * PAGE);
      pages.values().forEach(all::put);
      int inputs =
          Fuzzing.run(
              "vmstructs",
              3,
              random -> {
                byte[] mutated = all.array().clone();
                int page = random.nextInt(addresses.size());
                byte[] part = new byte[PAGE];
                System.arraycopy(mutated, page * PAGE, part, 0, PAGE);
                byte[] changed = Fuzzing.mutated(part, random);
                System.arraycopy(changed, 0, mutated, page * PAGE, changed.length);
                return mutated;
              },
              input -> {
                try {
                  read(symbols, (address, into) -> copy(addresses, input, address, into));
                } catch (IOException e) {
                  // This exception is allowed.
                }
              });
      assertThat(inputs).isGreaterThan(20);
    }
  }

  private static void read(Map<String, Long> symbols, Memory.Source source) throws IOException {
    Memory memory = new Memory(source);
    VmStructs structs = VmStructs.read(symbols, memory);
    HotSpotTypes types = new HotSpotTypes(() -> structs);
    for (String name : List.of("ObjectMonitor", "CompilerThread", "InstanceKlass", "oop")) {
      if (types.named(name) instanceof CType.Struct struct) {
        for (String member : types.memberNames(struct)) {
          assertThat(requireNonNull(types.member(struct, member)).type().describe()).isNotEmpty();
        }
      }
    }
    VmFlags.read(structs, memory).isOn("DTraceMonitorProbes");
  }

  private static int copy(List<Long> addresses, byte[] all, long address, byte[] into)
      throws IOException {
    int page = addresses.indexOf(address);
    if (page < 0) {
      throw new IOException("nothing there");
    }
    System.arraycopy(all, page * PAGE, into, 0, PAGE);
    return PAGE;
  }
}
