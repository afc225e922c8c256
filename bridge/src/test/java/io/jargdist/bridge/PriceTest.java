/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceTest {
  @ParameterizedTest
  @CsvSource({
    "4,0.00 us",
    "247,0.25 us",
    "999,1.0 us",
    "5171,5.2 us",
    "11234,11 us",
    "123456,123 us"
  })
  void timesHaveTwoDigits(double nanos, String text) {
    assertThat(Price.micros(nanos)).isEqualTo(text);
  }
}
