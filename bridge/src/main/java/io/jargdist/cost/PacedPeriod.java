/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.snapshot.Sampling;
import java.util.List;

/**
 * A period in which a probe was attached in short windows at random moments, and what that tells of
 * the whole period.
 *
 * <p>The kernel tells at no cost how much CPU time the process takes, in each window and in the
 * period. So the windows are asked how many events there are for each second of CPU time, and that
 * is multiplied with the CPU time of the period: a burst that no window has met is not forgotten.
 * What the windows tell differs from one to the other, and that is the error of the estimate.
 *
 * <p>A probe that is hit often slows the application down while it is attached, so there are fewer
 * events in a window than there would be without it. What the hits take of the CPU time of the
 * threads that make the events is known roughly, and so is how much they are slowed down: the
 * fewest threads that can make so many hits are slowed down most, and all threads that run least.
 * The truth is in between.
 *
 * @param windows at least one
 * @param whole the period, with its windows
 * @param measuredNanosPerHit what a hit takes of the CPU time, as it was measured
 * @param unusual how far a window of earlier periods has differed from the others, at most; what
 *     was long ago counts less
 * @param byTime whether events belong to time, and not to the CPU time of the process: the probe
 *     sees other processes, too
 */
public record PacedPeriod(
    List<Interval> windows,
    Interval whole,
    double measuredNanosPerHit,
    double unusual,
    boolean byTime) {
  /**
   * A hit takes more in the application than in a loop of our own, which has warm caches and takes
   * the best of many tries: up to a half more.
   */
  private static final double DEARER = 1.25;

  /** How well the cost of a hit is known then. */
  private static final double COST_ERROR = 0.2;

  /** A period is long enough if its half-width is so much of the estimate. */
  private static final double PRECISE = 0.2;

  /**
   * More windows do not help any more if they would make the half-width smaller by this at most.
   */
  private static final double NEGLIGIBLE = 0.05;

  /**
   * If a probe takes more of the CPU time in the windows, the rest, which the estimate is made
   * from, is not known well enough.
   */
  private static final double MOST_DISPLACED = 0.5;

  /** Three quarters of the windows are not denser. */
  private static final double DENSEST = 0.75;

  /** If the least and the most that an estimate can be are so far from their middle, it is none. */
  private static final double MOST_UNCLEAR = 0.25;

  /** Half of the width of the interval that holds 95 % of Student's distribution. */
  private static final double[] STUDENT = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13
  };

  public PacedPeriod {
    windows = List.copyOf(windows);
  }

  /**
   * What happened in a time.
   *
   * @param nanos of the clock
   * @param cpuNanos that the process took, with the probe's
   * @param hits of the probe
   * @param counted events
   */
  public record Interval(long nanos, long cpuNanos, long hits, long counted) {
    public static final Interval NONE = new Interval(0, 0, 0, 0);

    public Interval plus(Interval other) {
      return new Interval(
          nanos + other.nanos,
          cpuNanos + other.cpuNanos,
          hits + other.hits,
          counted + other.counted);
    }
  }

  /** The CPU time that the threads which make the events had in the windows. */
  private record Makers(double least, double most, double taken) {
    /** Returns by how much fewer events there are if they had the least time. */
    double most(double wrong) {
      return factor(least, wrong);
    }

    double least(double wrong) {
      return factor(most, wrong);
    }

    private double factor(double time, double wrong) {
      return time <= 0 ? 1 : time / Math.max(time / 100, time - wrong * taken);
    }
  }

  /** Returns what happened in all windows. */
  public Interval seen() {
    return windows.stream().reduce(Interval.NONE, Interval::plus);
  }

  private double taken(Interval interval) {
    return interval.hits() * DEARER * measuredNanosPerHit;
  }

  private Makers makers() {
    if (byTime) {
      return new Makers(0, 0, 0);
    }
    double fewest = 0;
    double all = 0;
    double taken = 0;
    double dense = dense();
    for (Interval window : windows) {
      if (window.hits() > 0) {
        fewest += Math.min(fewestNanos(window), taken(window) / dense);
        all += window.cpuNanos();
        taken += taken(window);
      }
    }
    return new Makers(Math.min(all, fewest), all, taken);
  }

  /** Returns the CPU time of a window's fewest threads that can make so many hits, if they run. */
  private double fewestNanos(Interval window) {
    return Math.ceil(taken(window) / window.nanos()) * window.nanos();
  }

  /**
   * Returns which part of their time the hits take from the threads that make the events, if they
   * are the fewest. In windows that meet only a part of a burst, or in which these threads wait for
   * a processor, it seems to be less. So the densest quarter of the windows tells.
   */
  private double dense() {
    double[] parts =
        windows.stream()
            .filter(each -> each.hits() > 0)
            .mapToDouble(each -> taken(each) / fewestNanos(each))
            .sorted()
            .toArray();
    return parts.length == 0 ? 1 : parts[(int) Math.rint(DENSEST * (parts.length - 1))];
  }

  /**
   * Returns whether the windows have met their part of what the process did, at least half of what
   * is to be expected.
   */
  public boolean isTypical() {
    double expected = (double) whole.cpuNanos() * seen().nanos() / whole.nanos();
    return byTime || seen().cpuNanos() >= expected / 2;
  }

  /**
   * Returns whether the number of events cannot be told: the probe leaves too little to the
   * application, or which threads it slows down is not clear enough.
   */
  public boolean isUnclear() {
    Makers makers = makers();
    double most = makers.most(1);
    double least = makers.least(1);
    return makers.taken() > MOST_DISPLACED * makers.least()
        || (most - least) / (most + least) > MOST_UNCLEAR;
  }

  /** Returns the sampling of the period. */
  public Sampling sampling() {
    Interval seen = seen();
    int count = windows.size();
    double squares = 0;
    for (double residual : residuals()) {
      squares += residual * residual;
    }
    // Rare moments may have been missed. So there is one more window, like the most unusual.
    squares += mostUnusual() * mostUnusual();
    Makers makers = makers();
    double least = makers.least(1);
    double most = makers.most(1);
    double expansion = (least + most) / 2 * ofPeriod() / ofWindows();
    double deviations = student(count - 1) / Sampling.DEVIATIONS;
    double variance =
        squares * count / Math.max(1, count - 1) * expansion * expansion * deviations * deviations;
    double dearer = makers.most(1 + COST_ERROR) - most;
    double bias = ((most - least) / 2 + dearer) * seen.counted() * ofPeriod() / ofWindows();
    return new Sampling(whole.nanos(), seen.nanos(), expansion * seen.counted(), variance, bias);
  }

  /**
   * Returns whether the estimate is precise, with a half-width of at most a fifth, or more windows
   * would not make it so.
   */
  public boolean isPrecise() {
    Sampling sampling = sampling();
    double byChance = sampling.halfWidth() - sampling.bias();
    return sampling.halfWidth() <= PRECISE * sampling.estimate()
        || byChance < NEGLIGIBLE * sampling.estimate();
  }

  /** Returns how far a window has differed from what the others tell, at most, also earlier. */
  private double mostUnusual() {
    return Math.max(unusual, mostUnusualHere());
  }

  private double mostUnusualHere() {
    return residuals().stream().mapToDouble(Math::abs).max().orElse(0);
  }

  /** Returns {@code unusual} of the period that follows. */
  public double unusualBefore() {
    return Math.max(mostUnusualHere(), unusual / 2);
  }

  private List<Double> residuals() {
    double ratio = seen().counted() / ofWindows();
    boolean time = dependsOnTime();
    return windows.stream()
        .map(each -> each.counted() - ratio * (time ? each.nanos() : each.cpuNanos()))
        .toList();
  }

  /** A process that takes no time of its own tells nothing by it. */
  private boolean dependsOnTime() {
    return byTime || seen().cpuNanos() <= 0;
  }

  /** Returns what events are in proportion to. */
  private double ofWindows() {
    return dependsOnTime() ? seen().nanos() : seen().cpuNanos();
  }

  /** Returns the same of the period, without what the probe has taken. */
  private double ofPeriod() {
    return dependsOnTime() ? whole.nanos() : Math.max(0, whole.cpuNanos() - taken(whole));
  }

  private static double student(int freedom) {
    return freedom < 1
        ? STUDENT[0]
        : freedom <= STUDENT.length ? STUDENT[freedom - 1] : 1.96 + 2.5 / freedom;
  }
}
