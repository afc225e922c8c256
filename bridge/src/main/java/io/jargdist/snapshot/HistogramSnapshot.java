/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.specifier.Form;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A histogram as it was at one moment.
 *
 * <p>Count and sum are exact. Figures that are computed from buckets are as exact as the buckets.
 * {@link #quantile} is in the bucket of the true value, so it is as close as {@link
 * BucketScheme#errorBound} says. {@link #min} and {@link #max} are bounds: no value was smaller,
 * none larger. {@link #mean} is exact. All four are NaN if there are no events, since they do not
 * exist then.
 *
 * <p>A histogram with keys has a {@link Distribution} for each; all else is of all keys together.
 */
public final class HistogramSnapshot implements Snapshot<HistogramSnapshot> {
  private final BucketScheme scheme;
  private final long[] counts;
  private final long sum;
  private final Map<List<String>, Distribution> distributions;
  private final Losses losses;
  private final Sampling sampling;

  /**
   * A histogram without keys.
   *
   * @param counts events per slot of the scheme
   * @param sum of all values, modulo 2^64
   */
  public HistogramSnapshot(
      BucketScheme scheme, long[] counts, long sum, Losses losses, Sampling sampling) {
    this(scheme, counts, sum, Map.of(), losses, sampling);
  }

  private HistogramSnapshot(
      BucketScheme scheme,
      long[] counts,
      long sum,
      Map<List<String>, Distribution> distributions,
      Losses losses,
      Sampling sampling) {
    if (counts.length != scheme.slots()) {
      throw new IllegalArgumentException(
          counts.length + " counts for the " + scheme.slots() + " slots of " + scheme.text());
    }
    this.scheme = scheme;
    this.counts = counts.clone();
    this.sum = sum;
    this.distributions = Map.copyOf(distributions);
    this.losses = losses;
    this.sampling = sampling;
  }

  /**
   * Returns a histogram with keys.
   *
   * @param distributions by key, as {@link FrequencySnapshot} has keys
   */
  public static HistogramSnapshot ofKeys(
      BucketScheme scheme,
      Map<List<String>, Distribution> distributions,
      Losses losses,
      Sampling sampling) {
    long[] counts = new long[scheme.slots()];
    long sum = 0;
    for (Distribution distribution : distributions.values()) {
      distribution.counts().forEach((slot, count) -> counts[slot] += count);
      sum += distribution.sum();
    }
    return new HistogramSnapshot(scheme, counts, sum, distributions, losses, sampling);
  }

  public static HistogramSnapshot empty(BucketScheme scheme) {
    return new HistogramSnapshot(scheme, new long[scheme.slots()], 0, Losses.NONE, Sampling.NONE);
  }

  public BucketScheme scheme() {
    return scheme;
  }

  public long count(int slot) {
    return counts[slot];
  }

  /** Events per slot; a copy. */
  public long[] counts() {
    return counts.clone();
  }

  @Override
  public Form form() {
    return Form.HISTOGRAM;
  }

  @Override
  public long count() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /** Returns the sum of all values, modulo 2^64. */
  public long sum() {
    return sum;
  }

  @Override
  public Losses losses() {
    return losses;
  }

  @Override
  public Sampling sampling() {
    return sampling;
  }

  /** Returns what belongs to each key; empty for a histogram without keys. */
  public Map<List<String>, Distribution> distributions() {
    return distributions;
  }

  /**
   * Returns the keys with the most events, the busiest first, without those that have none. Keys of
   * as many events come in an order of their own, the same each time.
   *
   * @param limit how many at most
   */
  public List<Map.Entry<List<String>, Distribution>> busiest(int limit) {
    Map<List<String>, Distribution> counted = new HashMap<>(distributions);
    counted.values().removeIf(distribution -> distribution.counts().isEmpty());
    return Rows.largest(counted, Comparator.comparingLong(Distribution::count), limit);
  }

  @Override
  public Set<List<String>> keys() {
    return distributions.keySet();
  }

  @Override
  public int elements(List<String> key) {
    Distribution distribution = distributions.get(key);
    return distribution == null ? 0 : 1 + 2 * distribution.counts().size();
  }

  @Override
  public HistogramSnapshot rows(Collection<List<String>> keys) {
    return ofKeys(scheme, Rows.some(distributions, keys), Losses.NONE, Sampling.NONE);
  }

  @Override
  public HistogramSnapshot joined(List<HistogramSnapshot> parts) {
    return ofKeys(
        scheme,
        Rows.joined(
            parts.stream().map(HistogramSnapshot::distributions).toList(), Distribution::plus),
        losses,
        sampling);
  }

  @Override
  public HistogramSnapshot with(Losses otherLosses, Sampling otherSampling) {
    return new HistogramSnapshot(scheme, counts, sum, distributions, otherLosses, otherSampling);
  }

  /** Lower bound of the lowest bucket with an event; minus infinity for an underflow. */
  public double min() {
    for (int slot = 0; slot < counts.length; slot++) {
      if (counts[slot] != 0) {
        return scheme.lowValue(slot);
      }
    }
    return Double.NaN;
  }

  /** Upper bound of the highest bucket with an event; infinity for an overflow. */
  public double max() {
    for (int slot = counts.length - 1; slot >= 0; slot--) {
      if (counts[slot] != 0) {
        return scheme.highValue(slot);
      }
    }
    return Double.NaN;
  }

  /**
   * Returns the sum divided by the count; NaN also when the buckets show that the sum went past 64
   * bits. If there are no negative values and overflows, the buckets always show it: a sum that
   * wrapped round is smaller than the buckets' lower bounds add up to.
   */
  public double mean() {
    double lowest = 0;
    double highest = 0;
    double largestMagnitude = 0;
    for (int slot = 0; slot < counts.length; slot++) {
      if (counts[slot] != 0) {
        double low = counts[slot] * scheme.lowValue(slot);
        double high = counts[slot] * scheme.highValue(slot);
        lowest += low;
        highest += high;
        largestMagnitude += Math.max(Math.abs(low), Math.abs(high));
      }
    }
    double total = scheme.signed() && lowest < 0 ? sum : unsigned(sum);
    // Slots and sum are read one after the other, so small sums may be a few events apart.
    boolean wrapped = largestMagnitude > 0x1p63 && (total < lowest || total > highest);
    return wrapped ? Double.NaN : total / count();
  }

  /**
   * Returns the value that the fraction {@code q} of all values does not exceed, on a straight line
   * through its bucket; infinity in an overflow, minus infinity in an underflow.
   *
   * @param q above 0, at most 1; 0.5 is the median
   */
  public double quantile(double q) {
    if (count() == 0) {
      return Double.NaN;
    }
    int slot = quantileSlot(q);
    double low = scheme.lowValue(slot);
    double high = scheme.highValue(slot);
    if (Double.isInfinite(low) || Double.isInfinite(high)) {
      return Double.isInfinite(low) ? low : high;
    }
    long below = 0;
    for (int i = 0; i < slot; i++) {
      below += counts[i];
    }
    return low + (high - low) * (q * count() - below) / counts[slot];
  }

  /**
   * Returns the slot of the smallest value that the fraction {@code q} of all values does not
   * exceed.
   *
   * @param q above 0, at most 1, which is the largest value
   * @throws IllegalStateException without events
   */
  public int quantileSlot(double q) {
    double rank = q * count();
    long upTo = 0;
    for (int slot = 0; slot < counts.length; slot++) {
      upTo += counts[slot];
      if (counts[slot] != 0 && upTo >= rank) {
        return slot;
      }
    }
    throw new IllegalStateException("a histogram without events has no quantiles");
  }

  /**
   * Adds two histograms, also of probes in different processes. If the buckets of one divide those
   * of the other, the sum has the coarser ones, and is as exact as if both had always had them.
   *
   * @throws IllegalArgumentException if neither scheme refines the other one
   */
  @Override
  public HistogramSnapshot plus(HistogramSnapshot other) {
    BucketScheme common = scheme.refines(other.scheme) ? other.scheme : scheme;
    return in(common)
        .combine(
            other.in(common),
            1,
            Distribution::plus,
            losses.plus(other.losses),
            sampling.plus(other.sampling));
  }

  /** Returns this histogram in coarser buckets, or itself if they are no such buckets. */
  private HistogramSnapshot in(BucketScheme coarser) {
    if (scheme.equals(coarser) || !scheme.refines(coarser)) {
      return this;
    }
    long[] merged = new long[coarser.slots()];
    for (int slot = 0; slot < counts.length; slot++) {
      if (counts[slot] != 0) {
        merged[coarser.slotOf(scheme.low(slot))] += counts[slot];
      }
    }
    return new HistogramSnapshot(coarser, merged, sum, losses, sampling);
  }

  @Override
  public HistogramSnapshot minus(HistogramSnapshot earlier) {
    return combine(
        earlier,
        -1,
        Distribution::minus,
        losses.minus(earlier.losses),
        sampling.minus(earlier.sampling));
  }

  private HistogramSnapshot combine(
      HistogramSnapshot other,
      int sign,
      BinaryOperator<Distribution> how,
      Losses combinedLosses,
      Sampling combinedSampling) {
    if (!scheme.equals(other.scheme)) {
      throw new IllegalArgumentException(
          "histograms with the buckets "
              + describe(scheme)
              + " and "
              + describe(other.scheme)
              + " cannot be merged: start both probes with the same type of value and the same"
              + " --buckets");
    }
    long[] combined = counts.clone();
    for (int i = 0; i < combined.length; i++) {
      combined[i] += sign * other.counts[i];
    }
    return new HistogramSnapshot(
        scheme,
        combined,
        sum + sign * other.sum,
        Rows.combined(distributions, other.distributions, how, Distribution.NOTHING),
        combinedLosses,
        combinedSampling);
  }

  private static String describe(BucketScheme scheme) {
    return scheme.text() + (scheme.signed() ? " (signed)" : " (unsigned)");
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : value + 0x1p64;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HistogramSnapshot that
        && sum == that.sum
        && scheme.equals(that.scheme)
        && Arrays.equals(counts, that.counts)
        && distributions.equals(that.distributions)
        && losses.equals(that.losses)
        && sampling.equals(that.sampling);
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
