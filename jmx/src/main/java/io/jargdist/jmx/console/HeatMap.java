/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A histogram over time: a column for each interval, a row for each bucket from the lowest to the
 * highest with an event in any of them. Immutable.
 */
final class HeatMap {
  private final BucketScheme scheme;
  private final List<ProbeHistory.Interval> columns;
  private final List<Integer> slots;
  private final double maxPerSecond;

  private HeatMap(
      BucketScheme scheme,
      List<ProbeHistory.Interval> columns,
      List<Integer> slots,
      double maxPerSecond) {
    this.scheme = scheme;
    this.columns = columns;
    this.slots = slots;
    this.maxPerSecond = maxPerSecond;
  }

  /** Returns null while no interval has an event. */
  static @Nullable HeatMap of(List<ProbeHistory.Interval> intervals) {
    BucketScheme scheme = null;
    List<ProbeHistory.Interval> columns = new ArrayList<>();
    int first = Integer.MAX_VALUE;
    int last = -1;
    double max = 0;
    for (ProbeHistory.Interval interval : intervals) {
      HistogramSnapshot histogram = interval.histogram();
      if (histogram == null) {
        continue;
      }
      scheme = histogram.scheme();
      columns.add(interval);
      for (int slot = 0; slot < scheme.slots(); slot++) {
        if (histogram.count(slot) > 0) {
          first = Math.min(first, slot);
          last = Math.max(last, slot);
          max = Math.max(max, histogram.count(slot) / interval.seconds());
        }
      }
    }
    if (scheme == null || last < 0) {
      return null;
    }
    List<Integer> slots = new ArrayList<>();
    for (int slot = first; slot <= last; slot++) {
      if (scheme.isUsed(slot)) {
        slots.add(slot);
      }
    }
    return new HeatMap(scheme, columns, slots, max);
  }

  int columns() {
    return columns.size();
  }

  int rows() {
    return slots.size();
  }

  Instant end(int column) {
    return columns.get(column).end();
  }

  long lost(int column) {
    return columns.get(column).lost();
  }

  /**
   * @param row 0 has the lowest values
   */
  long count(int column, int row) {
    HistogramSnapshot histogram = columns.get(column).histogram();
    return histogram == null ? 0 : histogram.count(slots.get(row));
  }

  /** Returns the events per second of the busiest cell. */
  double maxPerSecond() {
    return maxPerSecond;
  }

  /**
   * Returns how strong a cell's colour is, by the logarithm of its events per second: 0 without an
   * event, 1 in the busiest one, in between never below 0.15, so that a single event is seen.
   */
  double strength(int column, int row) {
    long count = count(column, row);
    if (count == 0) {
      return 0;
    }
    double seconds = columns.get(column).seconds();
    double least = 1 / seconds;
    double range = Math.log(maxPerSecond / least);
    double share = range <= 0 ? 1 : Math.log(count / seconds / least) / range;
    return 0.15 + 0.85 * Math.max(0, Math.min(1, share));
  }

  String rowLabel(int row) {
    return Numbers.shortLow(scheme, slots.get(row));
  }

  String bucket(int row) {
    return Numbers.bucket(scheme, slots.get(row), slots.get(row));
  }
}
