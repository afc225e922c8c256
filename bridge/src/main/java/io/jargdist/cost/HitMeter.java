/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.time.Duration;
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

  private Supplier<HitCost> cost;
  private final double maxPercent;
  private final Rate hits;
  private double processors = 1;
  private long[] hitsBefore = {};
  private double spread;
  private boolean tooExpensive;
  private long tooExpensiveSince;

  /**
   * @param cost of a hit, which may be known better later
   * @param maxPercent of what the process uses; 0 for no limit
   * @param nanoTime of now, when there were no hits yet
   */
  public HitMeter(Supplier<HitCost> cost, double maxPercent, long nanoTime) {
    this.cost = cost;
    this.maxPercent = maxPercent;
    this.hits = new Rate(0, nanoTime);
  }

  /**
   * @param nanosPerHit whatever the other processors do
   */
  public HitMeter(double nanosPerHit, double maxPercent, long nanoTime) {
    this(() -> HitCost.same(nanosPerHit), maxPercent, nanoTime);
  }

  /** The probe has further places, at which a hit may cost more. */
  public synchronized void alsoCosts(HitCost further) {
    HitCost dearer = cost.get().dearer(further);
    cost = () -> dearer;
  }

  /**
   * @param hitsByProcessor since the probe began
   * @param nanoTime when there were so many
   */
  public synchronized void update(long[] hitsByProcessor, long nanoTime) {
    long[] news = hitsByProcessor.clone();
    for (int i = 0; i < hitsBefore.length; i++) {
      news[i] -= hitsBefore[i];
    }
    hitsBefore = hitsByProcessor.clone();
    spread = spread(news);
    update(LongStream.of(hitsByProcessor).sum(), nanoTime);
  }

  /** Returns the chance that two hits are on different processors; 0 without hits. */
  static double spread(long[] hits) {
    double all = LongStream.of(hits).sum();
    double same = LongStream.of(hits).mapToDouble(each -> each / all * (each / all)).sum();
    return all == 0 ? 0 : 1 - same;
  }

  /**
   * @param hitsSoFar since the probe began
   * @param nanoTime when there were so many
   */
  public synchronized void update(long hitsSoFar, long nanoTime) {
    hits.update(hitsSoFar, nanoTime);
  }

  /**
   * Judges what the last update told.
   *
   * @param use processors that the process uses without its probes
   * @param nanoTime of now
   * @return whether the probe has cost too much for {@link #PATIENCE}
   */
  public synchronized boolean isTooExpensive(double use, long nanoTime) {
    processors = use;
    boolean exceeds = maxPercent > 0 && overheadPercent() > allowedPercent();
    if (exceeds && !tooExpensive) {
      tooExpensiveSince = nanoTime;
    }
    tooExpensive = exceeds;
    return exceeds && nanoTime - tooExpensiveSince >= PATIENCE.toNanos();
  }

  public synchronized double hitsPerSecond() {
    return hits.perSecond();
  }

  /** Returns the cost, in percent of one processor. */
  public synchronized double overheadPercent() {
    return hits.perSecond() * nanosPerHit() / 1e9 * 100;
  }

  /** Returns what a hit costs. */
  public synchronized double nanosPerHit() {
    return cost.get().at(hits.perSecond(), spread);
  }

  /** Returns what the probe may cost, in percent of one processor. */
  public synchronized double allowedPercent() {
    return maxPercent * processors;
  }

  /** Returns what a user has to know to choose another probe or limit. */
  public synchronized String complaint() {
    return String.format(
        Locale.ROOT,
        "%s: %.0f hits per second of %.2f us each; probe something that happens less often, or"
            + " allow more (0: no limit)",
        excess(),
        hits.perSecond(),
        nanosPerHit() / 1000);
  }

  /** Returns what the probe cost, and what it may cost, as the beginning of a sentence. */
  public synchronized String excess() {
    String percent =
        maxPercent == Math.rint(maxPercent)
            ? Long.toString((long) maxPercent)
            : Double.toString(maxPercent);
    String most =
        processors > 1
            ? String.format(
                Locale.ROOT,
                "%.1f %%, which is %s %% of the %.1f CPUs that the process uses without it",
                allowedPercent(),
                percent,
                processors)
            : percent + " %";
    return String.format(
        Locale.ROOT,
        "it cost %.1f %% of a CPU for %d s, and --max-overhead allows %s",
        overheadPercent(),
        PATIENCE.toSeconds(),
        most);
  }
}
