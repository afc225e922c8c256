/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelFileTest {
  @Test
  void onlyANewlineEndsALine() throws Exception {
    byte[] content = "a\rb\u0085c\f\nd\r\n\ne".getBytes(ISO_8859_1);
    assertThat(KernelFile.lines(content)).isEqualTo(List.of("a\rb\u0085c\f", "d\r", "", "e"));
  }

  @Test
  void textIsReadableWhateverItsBytesAre() {
    assertThat(KernelFile.readable(bytes("größe €𝄞".getBytes(UTF_8)))).isEqualTo("größe €𝄞");
    assertThat(KernelFile.readable("gr\u00f6\u00dfe")).isEqualTo("gr\\366\\337e");
    // A character cut in two, as the kernel cuts the names of threads.
    byte[] cut = {'a', (byte) 0xe2, (byte) 0x82};
    assertThat(KernelFile.readable(bytes(cut))).isEqualTo("a\\342\\202");
    assertThat(KernelFile.readable("")).isEmpty();
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        String text = "" + (char) first + (char) second;
        assertThat(KernelFile.readable(text)).isNotEmpty();
      }
    }
  }

  private static String bytes(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
