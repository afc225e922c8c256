/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatsTextTest {
  private static String line(BucketScheme scheme, long... values) {
    return String.join("\n", StatsText.lines(HistogramSnapshotTest.of(scheme, values)));
  }

  private static BucketScheme scheme(String text, boolean signed) {
    return BucketScheme.parse(text).withSigned(signed);
  }

  @Test
  void oneToAHundred() {
    long[] values = LongStream.rangeClosed(1, 100).toArray();
    assertThat(line(scheme("log2", true), values))
        .isEqualTo(
            "     count 100, mean 50.5, p50 32 to 63, p95 64 to 127, p99 64 to 127, max 64 to 127");
    assertThat(line(scheme("linear(0,200,1)", false), values))
        .isEqualTo("     count 100, mean 50.5, p50 50, p95 95, p99 99, max 100");
    assertThat(line(scheme("linear(0,50,10)", false), values))
        .isEqualTo(
            "     count 100, mean 50.5, p50 50 or more, p95 50 or more, p99 50 or more,"
                + " max 50 or more");
  }

  @Test
  void negativeValues() {
    assertThat(line(scheme("log2", true), -11, -11, 4))
        .isEqualTo("     count 3, mean -6, p50 -15 to -8, p95 4 to 7, p99 4 to 7, max 4 to 7");
    assertThat(line(scheme("linear(0,10,5)", true), -3, -4, -5))
        .isEqualTo(
            "     count 3, mean -4, p50 -1 or less, p95 -1 or less, p99 -1 or less,"
                + " max -1 or less");
  }

  @Test
  void oneEventAndNone() {
    assertThat(line(scheme("log2", false), 5))
        .isEqualTo("     count 1, mean 5, p50 4 to 7, p95 4 to 7, p99 4 to 7, max 4 to 7");
    assertThat(line(scheme("log2", false))).isEmpty();
  }

  @Test
  void sumOfMoreThan64BitsHasNoMean() {
    assertThat(line(scheme("log2", false), -1, -1, -1))
        .startsWith(
            "     count 3, mean unknown (the sum exceeds 64 bits), p50 9223372036854775808");
    assertThat(line(scheme("log2", false), -1)).contains("mean 18446744073709551616, ");
  }

  @Test
  void meanHasTwoDigits() {
    assertThat(StatsText.decimal(8.0 / 3)).isEqualTo("2.67");
    assertThat(StatsText.decimal(100)).isEqualTo("100");
    assertThat(StatsText.decimal(-0.5)).isEqualTo("-0.5");
    assertThat(StatsText.decimal(0)).isEqualTo("0");
  }

  /** A percentile is the value at its rank, and the bucket shown is that value's. */
  @ParameterizedTest
  @MethodSource("io.jargdist.snapshot.BucketSchemeTest#schemes")
  void everyFigureIsTheBucketOfTheTrueValue(BucketScheme scheme) {
    SplittableRandom random = new SplittableRandom(17);
    for (int round = 0; round < 50; round++) {
      long[] values = random.longs(random.nextInt(1, 300), -500, 5000).toArray();
      if (!scheme.signed()) {
        values = Arrays.stream(values).map(Math::abs).toArray();
      }
      HistogramSnapshot histogram = HistogramSnapshotTest.of(scheme, values);
      Arrays.sort(values);
      for (int percent : new int[] {50, 95, 99, 100}) {
        int rank = (values.length * percent + 99) / 100;
        assertThat(histogram.quantileSlot(percent / 100.0))
            .isEqualTo(scheme.slotOf(values[rank - 1]));
      }
    }
  }
}
