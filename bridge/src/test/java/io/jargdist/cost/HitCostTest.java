/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HitCostTest {
  /** What uprobes cost before Linux 6.13: 64 processors do about 3.2 million hits a second. */
  private static final HitCost LOCKED = new HitCost(300, 20_000, 64);

  @Test
  void fewHitsCostWhatTheyCostAlone() {
    assertThat(LOCKED.at(0, 0)).isEqualTo(300);
    assertThat(LOCKED.at(1000, 1)).isEqualTo(300, within(0.1));
  }

  @Test
  void oneThreadCostsWhatItCostsAloneHoweverBusy() {
    assertThat(LOCKED.at(3_000_000, 0)).isEqualTo(300);
  }

  @Test
  void allProcessorsAtOnceCostWhatWasMeasured() {
    double rate = 64 * 1e9 / 20_000;
    assertThat(LOCKED.at(rate, 1 - 1 / 64.0)).isEqualTo(20_000, within(200.0));
    // More than that is noise.
    assertThat(LOCKED.at(100 * rate, 1)).isEqualTo(20_000);
  }

  /** Two of 64 processors: each waits for the other one. */
  @Test
  void someProcessorsCostSomethingBetween() {
    double two = 300 + (20_000 - 300) / 63.0;
    assertThat(LOCKED.at(2 * 1e9 / two, 0.5)).isEqualTo(two, within(1.0));
    // They are hit in half of their time.
    assertThat(LOCKED.at(1e9 / two, 0.5)).isBetween(390.0, 420.0);
  }

  @Test
  void costsOfManyProcessorsAreExtrapolatedFromFewer() {
    assertThat(HitCost.extrapolated(300, 300 + 15 * 100, 16, 64))
        .isEqualTo(new HitCost(300, 300 + 63 * 100, 64));
    assertThat(HitCost.extrapolated(300, 280, 2, 2)).isEqualTo(new HitCost(300, 300, 2));
    assertThat(HitCost.extrapolated(300, 300, 1, 1)).isEqualTo(HitCost.same(300));
  }

  @Test
  void entryAndReturnAddUp() {
    HitCost entry = new HitCost(300, 400, 2);
    assertThat(entry.plus(HitCost.same(100))).isEqualTo(new HitCost(400, 500, 2));
    assertThat(entry.dearer(HitCost.same(200))).isEqualTo(entry);
    assertThat(entry.dearer(HitCost.same(301)).alone()).isEqualTo(301);
  }
}
