/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final Sampling PERIOD = new Sampling(1000, 50, 400, 100, 4);

  @Test
  void timesAndEstimatesAddUp() {
    Sampling whole = Sampling.whole(500, 70);
    Sampling both = whole.plus(PERIOD);
    assertThat(both).isEqualTo(new Sampling(1500, 550, 470, 100, 4));
    assertThat(both.minus(whole)).isEqualTo(PERIOD);
    assertThat(both.isWhole()).isFalse();
    assertThat(whole.isWhole()).isTrue();
    assertThat(whole.coverage()).isEqualTo(1);
    assertThat(whole.low()).isEqualTo(70);
    assertThat(whole.high()).isEqualTo(70);
    assertThat(both.coverage()).isEqualTo(550 / 1500.0);
  }

  @Test
  void theErrorOfManyPeriodsIsRelativelySmaller() {
    assertThat(PERIOD.halfWidth()).isEqualTo(19.6 + 4);
    Sampling four = PERIOD.plus(PERIOD).plus(PERIOD).plus(PERIOD);
    assertThat(four.halfWidth()).isEqualTo(2 * 19.6 + 16);
    assertThat(four.line()).isEqualTo("seen 5.0 % of the time; estimate 1600 +- 4 %");
  }

  @Test
  void withoutTimeNothingIsKnown() {
    assertThat(Sampling.NONE.isKnown()).isFalse();
    assertThat(Sampling.NONE.coverage()).isNaN();
  }

  @Test
  void anIntervalBelowZeroBeginsAtZero() {
    Sampling none = new Sampling(1000, 50, 0, 100, 0);
    assertThat(none.low()).isZero();
    assertThat(none.line()).isEqualTo("seen 5.0 % of the time; estimate 0 +- 20");
  }
}
