/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Arrays;

/**
 * A histogram as it was at one moment. Immutable.
 *
 * <p>Counts only grow from one snapshot of a probe to the next, so an interval is the difference of
 * two.
 */
public final class HistogramSnapshot {
  private final long[] counts;
  private final long sum;
  private final Losses losses;

  /**
   * @param counts events per slot, {@link Log2Buckets#SLOTS} of them
   * @param sum of all values, modulo 2^64
   */
  public HistogramSnapshot(long[] counts, long sum, Losses losses) {
    if (counts.length != Log2Buckets.SLOTS) {
      throw new IllegalArgumentException(counts.length + " slots");
    }
    this.counts = counts.clone();
    this.sum = sum;
    this.losses = losses;
  }

  public static HistogramSnapshot empty() {
    return new HistogramSnapshot(new long[Log2Buckets.SLOTS], 0, Losses.NONE);
  }

  public long count(int slot) {
    return counts[slot];
  }

  public long count() {
    return Arrays.stream(counts).sum();
  }

  public long sum() {
    return sum;
  }

  public Losses losses() {
    return losses;
  }

  public HistogramSnapshot plus(HistogramSnapshot other) {
    return combine(other, 1, losses.plus(other.losses));
  }

  /** What happened since {@code earlier}, a snapshot of the same probe. */
  public HistogramSnapshot minus(HistogramSnapshot earlier) {
    return combine(earlier, -1, losses.minus(earlier.losses));
  }

  private HistogramSnapshot combine(HistogramSnapshot other, int sign, Losses combinedLosses) {
    long[] combined = counts.clone();
    for (int i = 0; i < combined.length; i++) {
      combined[i] += sign * other.counts[i];
    }
    return new HistogramSnapshot(combined, sum + sign * other.sum, combinedLosses);
  }
}
