/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TicksTest {
  private static final Ticks TICKS = new Ticks(4000);

  @Test
  void momentsHaveTheSameDistanceFromATick() {
    assertThat(TICKS.momentAfter(0)).isEqualTo(1000);
    assertThat(TICKS.momentAfter(1000)).isEqualTo(1000);
    assertThat(TICKS.momentAfter(1001)).isEqualTo(5000);
    assertThat(TICKS.momentAfter(-3000)).isEqualTo(-3000);
    assertThat(TICKS.momentAfter(-2999)).isEqualTo(1000);
  }

  @Test
  void whoWakesUpLateHasMissedAMoment() {
    assertThat(TICKS.isMissed(5000, 4990)).isFalse();
    assertThat(TICKS.isMissed(5000, 5500)).isFalse();
    assertThat(TICKS.isMissed(5000, 5501)).isTrue();
  }

  @Test
  void aWindowHasAtLeastOneTick() {
    assertThat(TICKS.whole(0)).isEqualTo(4000);
    assertThat(TICKS.whole(5999)).isEqualTo(4000);
    assertThat(TICKS.whole(6000)).isEqualTo(8000);
  }

  @Test
  void theKernelTellsTheLengthOfATick() throws Exception {
    assertThat(Duration.ofNanos(Ticks.ofMachine().nanos()))
        .isBetween(Duration.ofMillis(1), Duration.ofMillis(10));
  }
}
