/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrequencyTextTest {
  private static final KeyColumn FD = new KeyColumn("fd", false);
  private static final KeyColumn NAME = new KeyColumn("name", true);

  @Test
  void theHeaderIsShownEvenWithoutEvents() {
    assertThat(FrequencyText.rows(FrequencySnapshot.EMPTY, List.of(FD)))
        .containsExactly("\tCOUNT      EVENT");
  }

  @Test
  void theMostFrequentKeyComesLast() {
    FrequencySnapshot snapshot =
        new FrequencySnapshot(
            Map.of(List.of("3", "a"), 2L, List.of("1", "b"), 17L, List.of("7", "c"), 5L),
            Losses.NONE,
            Sampling.NONE);
    assertThat(FrequencyText.rows(snapshot, List.of(FD, NAME)))
        .containsExactly(
            "\tCOUNT      EVENT",
            "\t2          fd = 3, name = b'a'",
            "\t5          fd = 7, name = b'c'",
            "\t17         fd = 1, name = b'b'");
    assertThat(FrequencyText.rows(snapshot, List.of(FD, NAME), 1))
        .containsExactly("\tCOUNT      EVENT", "\t17         fd = 1, name = b'b'");
  }

  @Test
  void withoutColumnsCallsAreCounted() {
    FrequencySnapshot snapshot =
        new FrequencySnapshot(Map.of(List.of(), 12345678901L), Losses.NONE, Sampling.NONE);
    assertThat(FrequencyText.rows(snapshot, List.of()))
        .containsExactly("\tCOUNT      EVENT", "\t12345678901 total calls");
  }

  @Test
  void textIsShownAsPythonShowsBytes() {
    assertThat(shown("it's")).isEqualTo("b\"it's\"");
    assertThat(shown("it's \"x\"")).isEqualTo("b'it\\'s \"x\"'");
    assertThat(shown("\t\n\r\0\u007f\u00ff\\")).isEqualTo("b'\\t\\n\\r\\x00\\x7f\\xff\\\\'");
  }

  @Test
  void dotsBehindATextSayThatItGoesOn() {
    assertThat(shown(new KeyText("it's", true).element())).isEqualTo("b\"it's\"...");
    assertThat(shown("its...")).isEqualTo("b'its...'");
    assertThat(KeyText.of("\u00e2\u0080\u00a6"))
        .isEqualTo(new KeyText("\u00e2\u0080\u00a6", false));
  }

  private static String shown(String bytes) {
    FrequencySnapshot snapshot =
        new FrequencySnapshot(Map.of(List.of(bytes), 1L), Losses.NONE, Sampling.NONE);
    String row = FrequencyText.rows(snapshot, List.of(NAME)).get(1);
    return row.substring(row.indexOf(" = ") + 3);
  }
}
