/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HitMeterTest {
  private static final long HALF_SECOND = 500_000_000;

  /** A hit costs 1 us, so 50,000 hits a second are 5 %. */
  private final HitMeter meter = new HitMeter(1000, 5, 0);

  private double processors = 1;
  private long now;
  private long hits;

  private boolean halfSecondWith(long moreHits) {
    now += HALF_SECOND;
    hits += moreHits;
    meter.update(hits, now);
    return meter.isTooExpensive(processors, now);
  }

  @Test
  void theRateIsThatOfTheLastSecond() {
    halfSecondWith(1000);
    assertThat(meter.hitsPerSecond()).isEqualTo(2000);
    halfSecondWith(3000);
    assertThat(meter.hitsPerSecond()).isEqualTo(4000);
    halfSecondWith(3000);
    assertThat(meter.hitsPerSecond()).isEqualTo(6000);
    assertThat(meter.overheadPercent()).isEqualTo(0.6, within(1e-9));
    halfSecondWith(0);
    halfSecondWith(0);
    assertThat(meter.hitsPerSecond()).isEqualTo(0);
  }

  @Test
  void threeSecondsAboveTheLimitAreTooMuchAndNoLess() {
    for (int i = 0; i < 6; i++) {
      assertThat(halfSecondWith(25_001)).isFalse();
    }
    assertThat(halfSecondWith(25_001)).isTrue();
    assertThat(meter.complaint())
        .startsWith("it cost 5.0 % of a CPU for 3 s, and --max-overhead allows 5 %: 50002 hits");
  }

  @Test
  void aProcessThatUsesMoreMayBeAskedMore() {
    processors = 3.5;
    for (int i = 0; i < 20; i++) {
      assertThat(halfSecondWith(25_000 * 7 / 2)).isFalse();
    }
    for (int i = 0; i < 6; i++) {
      assertThat(halfSecondWith(88_000)).isFalse();
    }
    assertThat(halfSecondWith(88_000)).isTrue();
    assertThat(meter.complaint())
        .startsWith(
            "it cost 17.6 % of a CPU for 3 s, and --max-overhead allows 17.5 %, which is 5 % of the"
                + " 3.5 CPUs that the process uses without it: 176000 hits");
  }

  @Test
  void aPauseStartsTheThreeSecondsAnew() {
    for (int i = 0; i < 20; i++) {
      assertThat(halfSecondWith(i % 5 < 3 ? 40_000 : 0)).isFalse();
    }
  }

  @Test
  void spreadIsTheChanceThatTwoHitsAreOnDifferentProcessors() {
    assertThat(HitMeter.spread(new long[] {0, 0})).isZero();
    assertThat(HitMeter.spread(new long[] {0, 7, 0})).isZero();
    assertThat(HitMeter.spread(new long[] {5, 5, 0})).isEqualTo(0.5, within(1e-9));
    assertThat(HitMeter.spread(new long[] {9, 3})).isEqualTo(0.375, within(1e-9));
  }

  /** Hits that were alone before do not count as such any more. */
  @Test
  void whatAHitCostsDependsOnTheProcessorsThatAreHitNow() {
    HitMeter shared = new HitMeter(() -> new HitCost(1000, 3000, 2), 0, 0);
    shared.update(new long[] {500_000, 0}, HALF_SECOND);
    assertThat(shared.overheadPercent()).isEqualTo(100, within(1e-9));
    // Both processors are hit all the time: a third as often as one alone.
    long third = 500_000 / 3;
    shared.update(new long[] {500_000 + third, third}, 2 * HALF_SECOND);
    shared.update(new long[] {500_000 + 2 * third, 2 * third}, 3 * HALF_SECOND);
    assertThat(shared.overheadPercent()).isEqualTo(200, within(1.0));
  }

  @Test
  void aBetterPriceIsUsedAsSoonAsItIsKnown() {
    AtomicReference<HitCost> cost = new AtomicReference<>(HitCost.same(1000));
    HitMeter priced = new HitMeter(cost::get, 0, 0);
    priced.update(1000, HALF_SECOND);
    assertThat(priced.overheadPercent()).isEqualTo(0.2, within(1e-9));
    cost.set(HitCost.same(2000));
    assertThat(priced.overheadPercent()).isEqualTo(0.4, within(1e-9));
  }

  @Test
  void atTheLimitAndWithoutOneEverythingMayStay() {
    HitMeter unlimited = new HitMeter(1000, 0, 0);
    for (int i = 0; i < 20; i++) {
      assertThat(halfSecondWith(25_000)).isFalse();
      unlimited.update(hits * 1000, now);
      assertThat(unlimited.isTooExpensive(processors, now)).isFalse();
    }
  }
}
