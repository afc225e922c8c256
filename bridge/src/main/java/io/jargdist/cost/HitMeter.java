/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Measures what a probe costs the application: the number of its hits, multiplied with the cost of
 * one. The rate is that of the last second, and is computed anew whenever the hits are read. What
 * one costs depends on how many processors are hit at the same time. Thread-safe.
 */
public final class HitMeter {
  /** The time for which a probe may cost too much. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final long WINDOW_NANOS = 1_000_000_000;

  private record Sample(long hits, long nanoTime) {}

  private final Supplier<HitCost> cost;
  private final double maxPercent;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private double hitsPerSecond;
  private long[] hitsBefore = {};
  private double spread;
  private boolean tooExpensive;
  private long tooExpensiveSince;

  /**
   * @param cost of a hit, which may be known better later
   * @param maxPercent of one processor; 0 for no limit
   * @param nanoTime of now, when there were no hits yet
   */
  public HitMeter(Supplier<HitCost> cost, double maxPercent, long nanoTime) {
    this.cost = cost;
    this.maxPercent = maxPercent;
    samples.add(new Sample(0, nanoTime));
  }

  /**
   * @param nanosPerHit whatever the other processors do
   */
  public HitMeter(double nanosPerHit, double maxPercent, long nanoTime) {
    this(() -> HitCost.same(nanosPerHit), maxPercent, nanoTime);
  }

  /**
   * @param hitsByProcessor so far
   * @param nanoTime when there were so many
   * @return as {@link #update(long, long)}
   */
  public synchronized boolean update(long[] hitsByProcessor, long nanoTime) {
    long[] news = hitsByProcessor.clone();
    for (int i = 0; i < hitsBefore.length; i++) {
      news[i] -= hitsBefore[i];
    }
    hitsBefore = hitsByProcessor.clone();
    spread = spread(news);
    return update(LongStream.of(hitsByProcessor).sum(), nanoTime);
  }

  /** Returns the chance that two hits are on different processors; 0 without hits. */
  static double spread(long[] hits) {
    double all = LongStream.of(hits).sum();
    double same = LongStream.of(hits).mapToDouble(each -> each / all * (each / all)).sum();
    return all == 0 ? 0 : 1 - same;
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

  private double nanosPerHit() {
    return cost.get().at(hitsPerSecond, spread);
  }

  /** Returns the cost, in percent of one processor. */
  public synchronized double overheadPercent() {
    return hitsPerSecond * nanosPerHit() / 1e9 * 100;
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
        nanosPerHit() / 1000);
  }
}
