/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SumSnapshotTest {
  private static final List<String> A = List.of("3");
  private static final List<String> B = List.of("11");
  private static final KeyColumn FD = new KeyColumn("fd", false);

  private static SumSnapshot of(Map<List<String>, Sum> sums) {
    return new SumSnapshot(sums, Losses.NONE, Sampling.NONE);
  }

  @Test
  void sumsAndEventsAddUpByKey() {
    SumSnapshot one = of(Map.of(A, new Sum(2, 10)));
    SumSnapshot two = of(Map.of(A, new Sum(3, -4), B, new Sum(1, 0)));
    SumSnapshot both = of(Map.of(A, new Sum(5, 6), B, new Sum(1, 0)));
    assertThat(one.plus(two)).isEqualTo(both);
    assertThat(SumSnapshot.EMPTY.plus(two)).isEqualTo(two);
    assertThat(two.joined(List.of(one, two))).isEqualTo(both);
    assertThat(both.total()).isEqualTo(new Sum(6, 6));
    assertThat(both.count()).isEqualTo(6);
  }

  @Test
  void anIntervalHasTheKeysWithEventsOnly() {
    SumSnapshot before = of(Map.of(A, new Sum(2, 10), B, new Sum(4, 1)));
    SumSnapshot after = of(Map.of(A, new Sum(4, 10), B, new Sum(4, 1)));
    // Two events whose values are 1 and -1 are events.
    assertThat(after.minus(before)).isEqualTo(of(Map.of(A, new Sum(2, 0))));
  }

  @Test
  void sumsWrapAround() {
    SumSnapshot most = of(Map.of(A, new Sum(1, Long.MAX_VALUE)));
    SumSnapshot wrapped = most.plus(of(Map.of(A, new Sum(1, 2))));
    assertThat(wrapped.sums()).containsExactly(Map.entry(A, new Sum(2, Long.MIN_VALUE + 1)));
    assertThat(wrapped.minus(most).sums()).containsExactly(Map.entry(A, new Sum(1, 2)));
  }

  @Test
  void theLargestSumIsTheLastRow() {
    SumSnapshot sums =
        of(Map.of(A, new Sum(3, -12), B, new Sum(10, 40960), List.of("5"), new Sum(1, 7)));
    assertThat(SumText.rows(sums, List.of(FD)))
        .containsExactly(
            "\tSUM                  COUNT      EVENT",
            "\t-12                  3          fd = 3",
            "\t7                    1          fd = 5",
            "\t40960                10         fd = 11");
    assertThat(SumText.rows(sums, List.of(FD), 1)).hasSize(2).last().asString().contains("40960");
    assertThat(SumText.rows(SumSnapshot.EMPTY, List.of(FD))).hasSize(1);
    assertThat(SumText.rows(of(Map.of(List.of(), new Sum(3, Long.MIN_VALUE))), List.of()))
        .last()
        .isEqualTo("\t-9223372036854775808 3          total calls");
  }
}
