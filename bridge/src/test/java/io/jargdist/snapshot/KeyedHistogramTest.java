/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeyedHistogramTest {
  private static final BucketScheme SCHEME = BucketScheme.parse("linear(0,30,10)");
  private static final List<String> A = List.of("3");
  private static final List<String> B = List.of("11");
  private static final KeyColumn FD = new KeyColumn("fd", false);

  /** A histogram of values by key. */
  private static HistogramSnapshot of(Map<List<String>, List<Long>> values) {
    Map<List<String>, Distribution> distributions = new HashMap<>();
    values.forEach(
        (key, all) -> {
          Distribution distribution = Distribution.NOTHING;
          for (long value : all) {
            distribution =
                distribution
                    .plus(Distribution.ofSlot(SCHEME.slotOf(value), 1))
                    .plus(Distribution.ofSum(value));
          }
          distributions.put(key, distribution);
        });
    return HistogramSnapshot.ofKeys(SCHEME, distributions, Losses.NONE, Sampling.NONE);
  }

  @Test
  void allKeysTogetherAreAHistogram() {
    HistogramSnapshot keyed = of(Map.of(A, List.of(1L, 2L, 25L), B, List.of(11L, 99L, -5L)));
    assertThat(keyed.count()).isEqualTo(6);
    assertThat(keyed.sum()).isEqualTo(133);
    assertThat(keyed.min()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(keyed.counts()).containsExactly(1, 2, 1, 1, 1);
    HistogramSnapshot ofA = Objects.requireNonNull(keyed.distributions().get(A)).histogram(SCHEME);
    assertThat(ofA.counts()).containsExactly(0, 2, 0, 1, 0);
    assertThat(ofA.sum()).isEqualTo(28);
  }

  @Test
  void snapshotsAddUpAndIntervalsAreDifferences() {
    HistogramSnapshot before = of(Map.of(A, List.of(1L)));
    HistogramSnapshot later = of(Map.of(A, List.of(2L), B, List.of(25L)));
    HistogramSnapshot both = of(Map.of(A, List.of(1L, 2L), B, List.of(25L)));
    assertThat(before.plus(later)).isEqualTo(both);
    assertThat(HistogramSnapshot.empty(SCHEME).plus(later)).isEqualTo(later);
    assertThat(both.minus(before)).isEqualTo(later);
    assertThat(both.minus(both).keys()).isEmpty();
    assertThat(later.joined(List.of(before, later))).isEqualTo(both);
    assertThat(both.rows(List.of(B, List.of("none")))).isEqualTo(of(Map.of(B, List.of(25L))));
    assertThatThrownBy(() -> both.plus(HistogramSnapshot.empty(Log2Buckets.DEFAULT)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theBusiestKeyComesLast() {
    HistogramSnapshot keyed = of(Map.of(A, List.of(1L), B, List.of(11L, 12L)));
    assertThat(KeyedHistogramText.rows(keyed, List.of(FD), "us", 9))
        .containsExactly(
            "fd = 3",
            "     us                  : count     distribution",
            "         0 -> 9          : 1        |****************************************|",
            "fd = 11",
            "     us                  : count     distribution",
            "        10 -> 19         : 2        |****************************************|");
    assertThat(KeyedHistogramText.rows(keyed, List.of(FD), "us", 1)).hasSize(3).contains("fd = 11");
    assertThat(KeyedHistogramText.rows(HistogramSnapshot.empty(SCHEME), List.of(FD), "us", 9))
        .isEmpty();
  }

  @Test
  void aKeyOfWhichNothingIsCountedYetIsNotShown() {
    HistogramSnapshot inFlight =
        HistogramSnapshot.ofKeys(
            SCHEME, Map.of(A, Distribution.ofSum(7)), Losses.NONE, Sampling.NONE);
    assertThat(inFlight.count()).isZero();
    assertThat(inFlight.busiest(9)).isEmpty();
  }
}
