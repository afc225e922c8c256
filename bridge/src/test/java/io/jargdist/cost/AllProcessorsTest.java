/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class AllProcessorsTest {
  @Test
  void onlyWorkAtTheSameTimeCounts() {
    assertThat(AllProcessors.time(new long[] {0, 10}, new long[] {100, 120})).isEqualTo(105);
    assertThat(AllProcessors.time(new long[] {0, 50}, new long[] {100, 150}))
        .isEqualTo(Long.MAX_VALUE);
    assertThat(AllProcessors.time(new long[] {0, 200}, new long[] {100, 300}))
        .isEqualTo(Long.MAX_VALUE);
    // The second thread has not done it.
    assertThat(AllProcessors.time(new long[] {5, 0}, new long[] {100, 0}))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void eachTaskIsDoneOnAllProcessors() {
    LongAdder runs = new LongAdder();
    long start = System.nanoTime();
    AllProcessors.fastest(List.of(runs::increment, () -> {}), 10);
    assertThat(runs.sum()).isBetween(0L, 10L * AllProcessors.number());
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }

  /** Work that takes too long ends the measuring. */
  @Test
  void theTimeIsBounded() {
    Runnable slow =
        () -> {
          long end = System.nanoTime() + 30_000_000;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        };
    long start = System.nanoTime();
    AllProcessors.fastest(List.of(slow), 1000);
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }
}
