/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counts of a probe from snapshot to snapshot. An interval is the difference of two readings
 * that are at least half a second apart. If the numbers went down, the MBean was reset in between,
 * and the interval has the counts since then. Confined to one thread.
 */
final class ProbeHistory {
  /** Intervals that are kept: 20 minutes at JConsole's own pace. */
  static final int MAX_INTERVALS = 300;

  private static final long SHORTEST_NANOS = 500_000_000;

  /**
   * The events between two snapshots.
   *
   * @param histogram null of a frequency
   * @param counts events by key, or sums; null of a histogram, or if they were not asked for both
   *     times
   */
  record Interval(
      Instant end,
      double seconds,
      long count,
      long lost,
      @Nullable HistogramSnapshot histogram,
      @Nullable Map<List<String>, Long> counts) {
    double perSecond() {
      return count / seconds;
    }
  }

  private final Deque<Interval> intervals = new ArrayDeque<>();
  private ProbeSnapshot latest;
  private ProbeSnapshot start;
  private long startNanos;
  private @Nullable Map<List<String>, Distribution> lastKeys;

  ProbeHistory(ProbeSnapshot first, long nanos) {
    latest = start = first;
    startNanos = nanos;
  }

  ProbeSnapshot latest() {
    return latest;
  }

  /** Returns whether a snapshot goes on with this history. */
  boolean goesOnWith(ProbeSnapshot next) {
    return latest.facts().isSameProbe(next.facts())
        && latest.form() == next.form()
        && !(latest instanceof ProbeSnapshot.OfHistogram a
            && next instanceof ProbeSnapshot.OfHistogram b
            && !a.snapshot().scheme().equals(b.snapshot().scheme()));
  }

  void add(ProbeSnapshot next, Instant time, long nanos) {
    latest = next;
    if (nanos - startNanos < SHORTEST_NANOS) {
      return;
    }
    intervals.addLast(between(start, next, time, (nanos - startNanos) / 1e9));
    lastKeys = keysBetween(start, next);
    if (intervals.size() > MAX_INTERVALS) {
      intervals.removeFirst();
    }
    start = next;
    startNanos = nanos;
  }

  /** Returns the intervals, the oldest first. */
  List<Interval> intervals() {
    return new ArrayList<>(intervals);
  }

  /** Returns null before there is one. */
  @Nullable Interval lastInterval() {
    return intervals.peekLast();
  }

  /**
   * Returns what belongs to each key in the last interval; null if there is none, or the keys were
   * not known at both its ends.
   */
  @Nullable Map<List<String>, Distribution> lastKeys() {
    return lastKeys;
  }

  private static @Nullable Map<List<String>, Distribution> keysBetween(
      ProbeSnapshot from, ProbeSnapshot to) {
    if (!(from instanceof ProbeSnapshot.OfHistogram before)
        || !(to instanceof ProbeSnapshot.OfHistogram after)
        || before.keys() == null
        || after.keys() == null) {
      return null;
    }
    boolean reset = wentDown(before.snapshot(), after.snapshot());
    Map<List<String>, Distribution> difference = new LinkedHashMap<>();
    after
        .keys()
        .distributions()
        .forEach(
            (key, counts) ->
                difference.put(
                    key,
                    reset
                        ? counts
                        : counts.minus(
                            before
                                .keys()
                                .distributions()
                                .getOrDefault(key, Distribution.NOTHING))));
    return difference;
  }

  private static Interval between(
      ProbeSnapshot from, ProbeSnapshot to, Instant time, double seconds) {
    ProbeSnapshot.Facts a = from.facts();
    ProbeSnapshot.Facts b = to.facts();
    boolean reset = b.count() < a.count() || b.lost() < a.lost();
    HistogramSnapshot histogram = null;
    Map<List<String>, Long> counts = null;
    switch (to.form()) {
      case HISTOGRAM -> {
        HistogramSnapshot before = ((ProbeSnapshot.OfHistogram) from).snapshot();
        HistogramSnapshot after = ((ProbeSnapshot.OfHistogram) to).snapshot();
        reset |= wentDown(before, after);
        histogram = reset ? after : after.minus(before);
      }
      case FREQUENCY, SUM ->
          counts =
              difference(
                  reset ? Map.of() : ((ProbeSnapshot.Keyed) from).amounts(),
                  ((ProbeSnapshot.Keyed) to).amounts());
    }
    long count = reset ? b.count() : b.count() - a.count();
    long lost = reset ? b.lost() : b.lost() - a.lost();
    return new Interval(time, seconds, count, lost, histogram, counts);
  }

  private static boolean wentDown(HistogramSnapshot from, HistogramSnapshot to) {
    for (int slot = 0; slot < from.scheme().slots(); slot++) {
      if (to.count(slot) < from.count(slot)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Map<List<String>, Long> difference(
      @Nullable Map<List<String>, Long> from, @Nullable Map<List<String>, Long> to) {
    if (from == null || to == null) {
      return null;
    }
    Map<List<String>, Long> difference = new LinkedHashMap<>();
    to.forEach(
        (key, count) -> {
          long more = count - from.getOrDefault(key, 0L);
          if (more != 0) {
            difference.put(key, more);
          }
        });
    return difference;
  }
}
