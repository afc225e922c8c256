/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * The line below a histogram that {@code --stats} asks for. Count and mean are exact; the others
 * are shown as the bounds of their buckets, since nothing else is known of them.
 *
 * <pre>
 *      count 3, mean 4.67, p50 4 to 7, p95 8 to 15, p99 8 to 15, max 8 to 15
 * </pre>
 */
public final class StatsText {
  private StatsText() {}

  /**
   * @return nothing without events
   */
  public static List<String> lines(HistogramSnapshot histogram) {
    if (histogram.count() == 0) {
      return List.of();
    }
    double mean = histogram.mean();
    List<String> parts = new ArrayList<>();
    parts.add("count " + histogram.count());
    parts.add(
        Double.isNaN(mean) ? "mean unknown (the sum exceeds 64 bits)" : "mean " + decimal(mean));
    Figure.of(histogram).forEach(figure -> parts.add(figure.text()));
    return List.of("     " + String.join(", ", parts));
  }

  /** Returns a number with two digits behind the point, unless they are zeros. */
  public static String decimal(double number) {
    BigDecimal rounded = new BigDecimal(number).setScale(2, RoundingMode.HALF_EVEN);
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros()).toPlainString();
  }
}
