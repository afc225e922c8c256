/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A histogram as it was at one moment.
 *
 * <p>What is computed from buckets is as exact as the buckets are. {@link #quantile} is right to
 * the bucket, so it and the true value differ by less than a factor of two, or by at most 1 in the
 * bucket of 0 and 1. {@link #min} and {@link #max} are bounds: no value was smaller, none larger.
 * {@link #mean} is exact. Without events all four are NaN, for there is no such number, and 0 would
 * be one.
 */
public final class HistogramSnapshot implements Snapshot<HistogramSnapshot> {
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

  /** Events per slot; a copy. */
  public long[] counts() {
    return counts.clone();
  }

  @Override
  public long count() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /** The sum of all values, modulo 2^64. */
  public long sum() {
    return sum;
  }

  @Override
  public Losses losses() {
    return losses;
  }

  /** Lower bound of the lowest bucket with an event. */
  public double min() {
    for (int position = Log2Buckets.LOWEST; position <= Log2Buckets.HIGHEST; position++) {
      int slot = Log2Buckets.slotAt(position);
      if (counts[slot] != 0) {
        return Log2Buckets.lowValue(slot);
      }
    }
    return Double.NaN;
  }

  /** Upper bound of the highest bucket with an event. */
  public double max() {
    for (int position = Log2Buckets.HIGHEST; position >= Log2Buckets.LOWEST; position--) {
      int slot = Log2Buckets.slotAt(position);
      if (counts[slot] != 0) {
        return Log2Buckets.highValue(slot);
      }
    }
    return Double.NaN;
  }

  /**
   * The sum divided by the count; NaN also when the buckets show that the sum went past 64 bits.
   * Without negative values that never goes unnoticed: a sum that wrapped round is smaller than the
   * buckets' lower bounds add up to.
   */
  public double mean() {
    boolean anyNegative = false;
    double lowest = 0;
    double highest = 0;
    double largestMagnitude = 0;
    for (int slot = 0; slot < counts.length; slot++) {
      if (counts[slot] != 0) {
        double low = counts[slot] * Log2Buckets.lowValue(slot);
        double high = counts[slot] * Log2Buckets.highValue(slot);
        anyNegative |= Log2Buckets.isNegative(slot);
        lowest += low;
        highest += high;
        largestMagnitude += Math.max(Math.abs(low), Math.abs(high));
      }
    }
    double total = anyNegative ? sum : unsigned(sum);
    // Slots and sum are read one after the other, so small sums may be a few events apart.
    boolean wrapped = largestMagnitude > 0x1p63 && (total < lowest || total > highest);
    return wrapped ? Double.NaN : total / count();
  }

  /**
   * The value that the fraction {@code q} of all values does not exceed, on a straight line through
   * its bucket.
   *
   * @param q above 0, at most 1; 0.5 is the median
   */
  public double quantile(double q) {
    double rank = q * count();
    long below = 0;
    for (int position = Log2Buckets.LOWEST; position <= Log2Buckets.HIGHEST; position++) {
      int slot = Log2Buckets.slotAt(position);
      long count = counts[slot];
      if (count != 0 && below + count >= rank) {
        double low = Log2Buckets.lowValue(slot);
        return low + (Log2Buckets.highValue(slot) - low) * (rank - below) / count;
      }
      below += count;
    }
    return Double.NaN;
  }

  @Override
  public HistogramSnapshot plus(HistogramSnapshot other) {
    return combine(other, 1, losses.plus(other.losses));
  }

  @Override
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

  private static double unsigned(long value) {
    return value >= 0 ? value : value + 0x1p64;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HistogramSnapshot that
        && sum == that.sum
        && Arrays.equals(counts, that.counts)
        && losses.equals(that.losses);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return String.join("\n", HistogramText.rows(this, "value"))
        + "\nsum "
        + sum
        + ", lost "
        + losses.detail();
  }
}
