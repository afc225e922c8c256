/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Loss;
import io.jargdist.wire.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * STRSTR and STRENDS find in the kernel what Java finds, and read nothing behind a string. This
 * process is bridge and target in one.
 */
class TextSearchIT {
  private static final int SEARCHED = 1024;
  private static final SplittableRandom RANDOM = new SplittableRandom(63);

  /** A string's NUL, or what is there in its stead, is the last byte that can be read. */
  private static final String SOURCE =
      """
      #include <string.h>
      #include <sys/mman.h>
      static char text[1 << 13];
      static long length;
      long put(long c) { text[length++] = c; return length; }
      __attribute__((noinline)) long look(char *string, long number) {
        __asm__ volatile("" : "+r"(string), "+r"(number));
        return number;
      }
      static char *end(void) {
        static char *memory;
        if (!memory) {
          memory = mmap(0, 1 << 14, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          mprotect(memory + (1 << 13), 1 << 13, PROT_NONE);
        }
        return memory + (1 << 13);
      }
      long pass(long number) {
        char *string = end() - length;
        memcpy(string, text, length);
        length = 0;
        return look(string, number);
      }
      """;

  @TempDir private static Path folder;
  private static OwnBridge bridge;
  private static GccLibrary library;

  @BeforeAll
  static void start() throws Exception {
    library = GccLibrary.load(GccLibrary.compile(folder.resolve("libsearch.so"), SOURCE, "-O1"));
    bridge = new OwnBridge(folder);
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  static List<String> texts() {
    List<String> texts = new ArrayList<>(List.of("a", "aa", "ab", "aab", "abab", "\u00ff\u0001"));
    for (int length : new int[] {7, 8, 9, 15, 16, 17, 31, 32, 33, 55, 56, 57, 62, 63}) {
      texts.add("a".repeat(length - 1) + "b");
      texts.add(letters(length));
    }
    return texts;
  }

  private static String letters(int length) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < length; i++) {
      letters.append((char) ('a' + RANDOM.nextInt(2)));
    }
    return letters.toString();
  }

  /** Strings with the text before, at and behind each bound, or almost with it. */
  private static Set<String> strings(String text) {
    Set<String> strings = new LinkedHashSet<>(List.of("", text, text + "a", "a" + text, "aaab"));
    strings.add(text.substring(1));
    strings.add(text.substring(0, text.length() - 1));
    for (int at : new int[] {1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 960, 1022, 1023, 1024, 1025}) {
      for (String filling : List.of("a", "b", "x")) {
        strings.add(filling.repeat(at));
        strings.add(filling.repeat(at) + text);
        if (at >= text.length()) {
          String before = filling.repeat(at - text.length());
          strings.add(before + text);
          strings.add(before + text + "x");
          strings.add(before + text.substring(1) + "x");
        }
      }
    }
    for (int i = 0; i < 50; i++) {
      strings.add(letters(RANDOM.nextInt(200)));
      strings.add(letters(RANDOM.nextInt(100)) + text + letters(RANDOM.nextInt(3)));
      strings.add(letters(RANDOM.nextInt(2 * SEARCHED)));
    }
    return strings;
  }

  private static String literal(String text) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      literal.append(c > ' ' && c <= '~' ? "" + c : String.format(Locale.ROOT, "\\x%02x", (int) c));
    }
    return "\"" + literal + "\"";
  }

  private static void pass(String bytes, int number) {
    for (byte c : bytes.getBytes(ISO_8859_1)) {
      library.call("put", c & 0xff);
    }
    library.call("pass", number);
  }

  private static Message.Attached attach(String specifier) throws Exception {
    return bridge.count(specifier, OwnBridge.options());
  }

  private static FrequencySnapshot end(Message.Attached probe) throws Exception {
    FrequencySnapshot read = bridge.frequency(probe);
    bridge.detach(probe);
    return read;
  }

  @ParameterizedTest
  @MethodSource("texts")
  void theKernelFindsWhatJavaFinds(String text) throws Exception {
    Message.Attached probe =
        attach(
            String.format(
                Locale.ROOT,
                "p:search:look(char *s, long n):long,int,int:n,STRSTR(%1$s,s),STRENDS(%1$s,s)",
                literal(text)));
    Map<List<String>, Long> expected = new HashMap<>();
    int number = 0;
    for (String string : strings(text)) {
      String searched = string.substring(0, Math.min(string.length(), SEARCHED));
      boolean ends = string.length() < SEARCHED && string.endsWith(text);
      expected.put(List.of("" + number, searched.contains(text) ? "1" : "0", ends ? "1" : "0"), 1L);
      pass(string + "\0", number++);
    }
    FrequencySnapshot found = end(probe);
    assertThat(found.losses().total()).isZero();
    assertThat(found.counts()).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void aStringThatCannotBeReadToItsEndIsLost() throws Exception {
    Message.Attached contains = attach("p:search:look(char *s, long n):long:n:STRSTR(\"ab\",s)");
    Message.Attached ends = attach("p:search:look(char *s, long n):long:n:STRENDS(\"ab\",s)");
    pass("a", 1);
    pass("x".repeat(64) + "ab", 2);
    pass("ab" + "x".repeat(200), 3);
    pass("x".repeat(SEARCHED), 4);
    pass("ab\0", 5);
    FrequencySnapshot found = end(contains);
    // In the third one it is found before the end is looked for.
    assertThat(found.counts()).isEqualTo(Map.of(List.of("3"), 1L, List.of("5"), 1L));
    assertThat(found.losses().counts().get(Loss.READ_FAILED)).isEqualTo(3L);
    assertThat(found.losses().total()).isEqualTo(3);
    FrequencySnapshot ending = end(ends);
    assertThat(ending.counts()).isEqualTo(Map.of(List.of("5"), 1L));
    assertThat(ending.losses().counts().get(Loss.READ_FAILED)).isEqualTo(4L);
  }
}
