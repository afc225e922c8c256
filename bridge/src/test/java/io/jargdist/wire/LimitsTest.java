/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "30s, 30", "1.5s, 1", "10m, 600", "1h30m, 5400", "2d, 172800", "1D2h, 93600"})
  void timesAreRead(String text, long seconds) {
    assertThat(Limits.duration(text).toSeconds()).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "0s",
        "999ms",
        "h",
        "1w",
        "d",
        "1h 2m",
        "99999999999999999999",
        "P1D"
      })
  void otherTimesAreRefused(String text) {
    assertThatThrownBy(() -> Limits.duration(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as 30s, 10m, 1h30m or 2d, not " + text);
  }

  @Test
  void percentagesAreRead() {
    assertThat(Limits.percent("0")).isZero();
    assertThat(Limits.percent("2.5")).isEqualTo(2.5);
    assertThat(Limits.percent("150%")).isEqualTo(150);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "-1", "NaN", "Infinity", "five"})
  void otherPercentagesAreRefused(String text) {
    assertThatThrownBy(() -> Limits.percent(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--max-overhead takes a percentage");
  }

  @Test
  void ttlIsAtMostTenYears() {
    assertThat(Limits.duration("3650d")).isEqualTo(Duration.ofDays(3650));
    assertThatThrownBy(() -> Limits.duration("3651d")).hasMessageContaining("--ttl");
  }
}
