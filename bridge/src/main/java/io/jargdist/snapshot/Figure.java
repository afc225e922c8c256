/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of a distribution that is known up to its bucket: the true value is not below {@code
 * low}, and not above {@code high}.
 *
 * @param name for people and for JSON: {@code "p95"}
 * @param low null if there is no bound
 * @param high null if there is no bound
 */
public record Figure(String name, @Nullable String low, @Nullable String high) {
  private record Rank(String name, double fraction) {}

  private static final List<Rank> RANKS =
      List.of(
          new Rank("p50", 0.5), new Rank("p95", 0.95), new Rank("p99", 0.99), new Rank("max", 1));

  /**
   * Returns the median, two percentiles and the largest value. A percentile is the smallest value
   * that so many percent of all values do not exceed.
   *
   * @return nothing without events
   */
  public static List<Figure> of(HistogramSnapshot histogram) {
    BucketScheme scheme = histogram.scheme();
    if (histogram.count() == 0) {
      return List.of();
    }
    return RANKS.stream()
        .map(
            rank -> {
              int slot = histogram.quantileSlot(rank.fraction);
              return new Figure(
                  rank.name,
                  scheme.isUnderflow(slot) ? null : scheme.lowText(slot),
                  scheme.isOverflow(slot) ? null : scheme.highText(slot));
            })
        .toList();
  }

  /**
   * Returns a text for people: {@code "p95 2048 to 4095"}, {@code "p95 1000 or more"}, {@code "p95
   * 7"}.
   */
  public String text() {
    if (low == null) {
      return name + " " + high + " or less";
    } else if (high == null) {
      return name + " " + low + " or more";
    }
    return name + " " + (low.equals(high) ? low : low + " to " + high);
  }
}
