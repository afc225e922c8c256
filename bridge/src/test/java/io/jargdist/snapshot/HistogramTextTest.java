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
    HistogramSnapshot empty = HistogramSnapshot.empty(Log2Buckets.DEFAULT);
    assertThat(HistogramText.rows(empty, "sizes")).isEmpty();
    assertThat(HistogramText.lines(empty, "sizes"))
        .containsExactly("     sizes               : no events");
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

  @Test
  void otherBucketsHaveOneRowForAllEmptyOnesBetweenTwo() {
    HistogramSnapshot linear =
        HistogramSnapshotTest.of(BucketScheme.parse("linear(0,100,10)"), -5, -5, 3, 95, 100, 100);
    assertThat(HistogramText.rows(linear, "sizes"))
        .containsExactly(
            "     sizes               : count     distribution",
            "      -inf -> -1         : 2        |****************************************|",
            "         0 -> 9          : 1        |********************                    |",
            "        10 -> 89         : 0        |                                        |",
            "        90 -> 99         : 1        |********************                    |",
            "       100 -> +inf       : 2        |****************************************|");
    HistogramSnapshot fine =
        HistogramSnapshotTest.of(BucketScheme.parse("log2/2"), 9, 10, 1023, 1024);
    assertThat(HistogramText.rows(fine, "sizes"))
        .containsExactly(
            "     sizes               : count     distribution",
            "         8 -> 9          : 1        |****************************************|",
            "        10 -> 11         : 1        |****************************************|",
            "        12 -> 895        : 0        |                                        |",
            "       896 -> 1023       : 1        |****************************************|",
            "      1024 -> 1279       : 1        |****************************************|");
  }

  @Test
  void linearBoundsOfMoreThanTenCharactersTakeWideColumns() {
    BucketScheme scheme = BucketScheme.parse("linear(-100000000000,0,50000000000)");
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(scheme, -1, 1), "x"))
        .containsExactly(
            "               x                             : count     distribution",
            "        -50000000000 -> -1                   : 1        |********************|",
            "                   0 -> +inf                 : 1        |********************|");
  }
}
