/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Measures what a probe costs the application: the number of its hits, multiplied with the cost of
 * one. The rate is that of the last second, and is computed anew whenever the hits are read.
 * Thread-safe.
 */
public final class HitMeter {
  /** The time for which a probe may cost too much. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final long WINDOW_NANOS = 1_000_000_000;

  private record Sample(long hits, long nanoTime) {}

  private final double nanosPerHit;
  private final double maxPercent;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private double hitsPerSecond;
  private boolean tooExpensive;
  private long tooExpensiveSince;

  /**
   * @param maxPercent of one processor; 0 for no limit
   * @param nanoTime of now, when there were no hits yet
   */
  public HitMeter(double nanosPerHit, double maxPercent, long nanoTime) {
    this.nanosPerHit = nanosPerHit;
    this.maxPercent = maxPercent;
    samples.add(new Sample(0, nanoTime));
  }

  /**
   * @param hits so far
   * @param nanoTime when there were so many
   * @return whether the probe has cost too much for {@link #PATIENCE}
   */
  public synchronized boolean update(long hits, long nanoTime) {
    Sample now = new Sample(hits, nanoTime);
    // The first sample stays at least as old as the window, as soon as there is one.
    while (samples.size() > 1 && second().nanoTime() <= nanoTime - WINDOW_NANOS) {
      samples.removeFirst();
    }
    Sample before = samples.getFirst();
    samples.addLast(now);
    long elapsed = nanoTime - before.nanoTime();
    if (elapsed <= 0) {
      return false;
    }
    hitsPerSecond = (hits - before.hits()) * 1e9 / elapsed;
    boolean exceeds = maxPercent > 0 && overheadPercent() > maxPercent;
    if (exceeds && !tooExpensive) {
      tooExpensiveSince = nanoTime;
    }
    tooExpensive = exceeds;
    return exceeds && nanoTime - tooExpensiveSince >= PATIENCE.toNanos();
  }

  private Sample second() {
    return samples.stream().skip(1).findFirst().orElseThrow();
  }

  public synchronized double hitsPerSecond() {
    return hitsPerSecond;
  }

  /** Returns the cost, in percent of one processor. */
  public synchronized double overheadPercent() {
    return hitsPerSecond * nanosPerHit / 1e9 * 100;
  }

  /** Returns what a user has to know to choose another probe or limit. */
  public synchronized String complaint() {
    return String.format(
        Locale.ROOT,
        "it cost %.1f %% of a CPU for %d s, and --max-overhead allows %s %%: %.0f hits per"
            + " second of %.2f us each; probe something that happens less often, or allow more"
            + " (0: no limit)",
        overheadPercent(),
        PATIENCE.toSeconds(),
        maxPercent == Math.rint(maxPercent)
            ? Long.toString((long) maxPercent)
            : Double.toString(maxPercent),
        hitsPerSecond,
        nanosPerHit / 1000);
  }
}
