/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Locale;

/**
 * Which part of the time a probe has seen, and how many events there were in all of it. A probe
 * that is attached all the time sees everything. One that is paced sees short moments at random;
 * the number of events is estimated then, once for each period, so the time of an estimate ends
 * with the last whole period. Times, estimates and variances of periods add up. Immutable.
 *
 * @param elapsedNanos the time that the estimate is for
 * @param seenNanos the part of it in which the probe was attached
 * @param estimate of the number of events in that time
 * @param variance of the estimate: what the choice of the moments may have done to it
 * @param bias how far the estimate may be off besides, always in the same direction, since the cost
 *     of a hit is only known so well
 */
public record Sampling(
    long elapsedNanos, long seenNanos, double estimate, double variance, double bias) {
  /** No time at all. */
  public static final Sampling NONE = new Sampling(0, 0, 0, 0, 0);

  /** So many standard deviations to both sides hold 95 % of a normal distribution. */
  public static final double DEVIATIONS = 1.96;

  /** Returns the sampling of a time in which everything was seen. */
  public static Sampling whole(long elapsedNanos, long count) {
    return new Sampling(elapsedNanos, elapsedNanos, count, 0, 0);
  }

  public Sampling plus(Sampling other) {
    return combine(other, 1);
  }

  /** Returns what belongs to the time since {@code earlier}. */
  public Sampling minus(Sampling earlier) {
    return combine(earlier, -1);
  }

  private Sampling combine(Sampling other, int sign) {
    return new Sampling(
        elapsedNanos + sign * other.elapsedNanos,
        seenNanos + sign * other.seenNanos,
        estimate + sign * other.estimate,
        variance + sign * other.variance,
        bias + sign * other.bias);
  }

  /** Returns whether there was any time. */
  public boolean isKnown() {
    return elapsedNanos > 0;
  }

  public boolean isWhole() {
    return seenNanos >= elapsedNanos;
  }

  /** Returns the part of the time that was seen, from 0 to 1; NaN without any time. */
  public double coverage() {
    return isKnown() ? (double) seenNanos / elapsedNanos : Double.NaN;
  }

  /** Returns half of the width of the interval that holds the number with a chance of 95 %. */
  public double halfWidth() {
    return DEVIATIONS * Math.sqrt(Math.max(0, variance)) + Math.max(0, bias);
  }

  public double low() {
    return Math.max(0, estimate - halfWidth());
  }

  public double high() {
    return estimate + halfWidth();
  }

  /** Returns a line for people: {@code "seen 4.2 % of the time; estimate 12345678 +- 8 %"}. */
  public String line() {
    String error =
        estimate > 0
            ? String.format(Locale.ROOT, "%.0f %%", Math.ceil(100 * halfWidth() / estimate))
            : String.format(Locale.ROOT, "%.0f", halfWidth());
    return String.format(
        Locale.ROOT,
        "seen %.1f %% of the time; estimate %.0f +- %s",
        100 * coverage(),
        estimate,
        error);
  }
}
