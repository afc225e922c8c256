/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HitMeterTest {
  private static final long HALF_SECOND = 500_000_000;

  /** A hit costs 1 us, so 50,000 hits a second are 5 %. */
  private final HitMeter meter = new HitMeter(1000, 5, 0);

  private long now;
  private long hits;

  private boolean halfSecondWith(long moreHits) {
    now += HALF_SECOND;
    hits += moreHits;
    return meter.update(hits, now);
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
  void aPauseStartsTheThreeSecondsAnew() {
    for (int i = 0; i < 20; i++) {
      assertThat(halfSecondWith(i % 5 < 3 ? 40_000 : 0)).isFalse();
    }
  }

  @Test
  void atTheLimitAndWithoutOneEverythingMayStay() {
    HitMeter unlimited = new HitMeter(1000, 0, 0);
    for (int i = 0; i < 20; i++) {
      assertThat(halfSecondWith(25_000)).isFalse();
      assertThat(unlimited.update(hits * 1000, now)).isFalse();
    }
  }
}
