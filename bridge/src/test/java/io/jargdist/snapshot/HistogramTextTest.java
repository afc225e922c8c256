/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HistogramTextTest {
  @Test
  void nothingIsShownWithoutEvents() {
    assertThat(HistogramText.rows(HistogramSnapshot.empty(), "sizes")).isEmpty();
  }

  @Test
  void smallValuesHaveNarrowColumns() {
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, 0, 1, 5, 5, 5, 6), "sizes"))
        .containsExactly(
            "     sizes               : count     distribution",
            "         0 -> 1          : 2        |********************                    |",
            "         2 -> 3          : 0        |                                        |",
            "         4 -> 7          : 4        |****************************************|");
  }

  @Test
  void largeValuesHaveWideColumns() {
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(false, 1L << 32), "sizes"))
        .hasSize(34)
        .startsWith(
            "               sizes                         : count     distribution",
            "                   0 -> 1                    : 0        |                    |")
        .endsWith("          4294967296 -> 8589934591           : 1        |********************|");
  }

  @Test
  void rowsOfNegativeValuesComeBeforeTheOthers() {
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, -1, -11, -11, 0), "errno"))
        .containsExactly(
            "     errno               : count     distribution",
            "       -15 -> -8         : 2        |****************************************|",
            "        -7 -> -4         : 0        |                                        |",
            "        -3 -> -2         : 0        |                                        |",
            "        -1 -> -1         : 1        |********************                    |",
            "         0 -> 1          : 1        |********************                    |");
  }

  @Test
  void onlyNegativeValuesEndWithMinusOne() {
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, -2), "errno"))
        .hasSize(3)
        .last()
        .isEqualTo(
            "        -1 -> -1         : 0        |                                        |");
  }

  @Test
  void negativeBoundsOfMoreThanTenCharactersTakeWideColumns() {
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, -(1L << 28)), "x").get(1))
        .startsWith("-536870911 -> -268435456 : 1");
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, -(1L << 29)), "x").get(1))
        .startsWith("         -1073741823 -> -536870912           : 1");
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(true, Long.MIN_VALUE), "x").get(1))
        .startsWith("-9223372036854775808 -> -9223372036854775808 : 1");
  }

  @Test
  void longLabelsPushTheColumns() {
    assertThat(
            HistogramText.rows(HistogramSnapshotTest.of(true, 1), "a label of 30 characters long!"))
        .first()
        .isEqualTo("     a label of 30 characters long! : count     distribution");
  }
}
