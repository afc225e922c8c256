/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrequencySnapshotTest {
  private static final List<String> A = List.of("1", "a");
  private static final List<String> B = List.of("2", "b");

  private static FrequencySnapshot of(Map<List<String>, Long> counts) {
    return new FrequencySnapshot(counts, Losses.NONE, Sampling.NONE);
  }

  @Test
  void mergingAddsUpPerKey() {
    FrequencySnapshot one = of(Map.of(A, 3L));
    FrequencySnapshot two = of(Map.of(A, 4L, B, 1L));
    assertThat(one.plus(two)).isEqualTo(of(Map.of(A, 7L, B, 1L))).isEqualTo(two.plus(one));
    assertThat(one.plus(two).count()).isEqualTo(8);
  }

  @Test
  void theDifferenceHasOnlyKeysWithEventsInBetween() {
    FrequencySnapshot before = of(Map.of(A, 3L));
    FrequencySnapshot after = of(Map.of(A, 3L, B, 1L));
    assertThat(after.minus(before)).isEqualTo(of(Map.of(B, 1L)));
  }

  @Test
  void lossesAreMergedAndSubtractedByReason() {
    Losses before = new Losses(Map.of(Loss.TABLE_FULL, 2L, Loss.RECURSION, 1L));
    Losses after = new Losses(Map.of(Loss.TABLE_FULL, 12L, Loss.RECURSION, 1L));
    assertThat(after.minus(before)).isEqualTo(new Losses(Map.of(Loss.TABLE_FULL, 10L)));
    assertThat(before.plus(after).total()).isEqualTo(16);
    assertThat(before.detail()).isEqualTo("table full: 2, program already running on this CPU: 1");
    assertThat(Losses.NONE.detail()).isEmpty();
  }

  @Test
  void equallyFrequentKeysHaveAFixedOrderThatIsNumericForNumbers() {
    FrequencySnapshot snapshot =
        of(Map.of(List.of("10"), 1L, List.of("9"), 1L, List.of("11"), 1L, List.of("3"), 5L));
    assertThat(snapshot.mostFrequent(9))
        .extracting(e -> e.getKey().get(0))
        .containsExactly("3", "9", "10", "11");
    assertThat(snapshot.mostFrequent(1)).containsExactly(Map.entry(List.of("3"), 5L));
  }
}
