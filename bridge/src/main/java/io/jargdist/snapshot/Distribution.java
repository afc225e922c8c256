/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of a histogram that belongs to one key. It takes memory only for the slots that have
 * events: there may be thousands of keys, and thousands of slots.
 *
 * @param counts events per slot of the scheme, without those that have none
 * @param sum of the values, modulo 2^64
 */
public record Distribution(SortedMap<Integer, Long> counts, long sum) {
  public static final Distribution NOTHING = new Distribution(new TreeMap<>(), 0);

  public Distribution {
    counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }

  /**
   * Returns one slot with events.
   *
   * @param sum of their values
   */
  public static Distribution ofSlot(int slot, long events, long sum) {
    return new Distribution(new TreeMap<>(Map.of(slot, events)), sum);
  }

  /** The same without the sum. */
  public static Distribution ofSlot(int slot, long events) {
    return ofSlot(slot, events, 0);
  }

  /** Returns a sum without slots. */
  public static Distribution ofSum(long sum) {
    return new Distribution(new TreeMap<>(), sum);
  }

  /** Returns the number of events. */
  public long count() {
    long total = 0;
    for (long count : counts.values()) {
      total += count;
    }
    return total;
  }

  public Distribution plus(Distribution other) {
    return combined(other, 1);
  }

  public Distribution minus(Distribution earlier) {
    return combined(earlier, -1);
  }

  private Distribution combined(Distribution other, int sign) {
    Map<Integer, Long> combined =
        Rows.combined(counts, other.counts, (count, more) -> count + sign * more, 0L);
    return new Distribution(new TreeMap<>(combined), sum + sign * other.sum);
  }

  /**
   * Returns it as a histogram of its own.
   *
   * @param scheme of its slots
   */
  public HistogramSnapshot histogram(BucketScheme scheme) {
    long[] slots = new long[scheme.slots()];
    counts.forEach((slot, count) -> slots[slot] = count);
    return new HistogramSnapshot(scheme, slots, sum, Losses.NONE, Sampling.NONE);
  }
}
