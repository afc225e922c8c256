/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a probe is paced for a period: so many windows of such a length. The cost of a window is that
 * of attaching and detaching, which is the same for each, and that of the hits, which grows with
 * its length. What is chosen stays within the budget with both.
 *
 * <p>A period goes on until its estimate is precise. A load with rare bursts, of which most windows
 * see nothing, takes more of them.
 *
 * @param length of the period, at least
 * @param windows in that time
 * @param window its length
 */
public record Pacing(Duration length, int windows, Duration window) {
  private static final List<Duration> LENGTHS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(40));

  /** A period ends after that, however little its windows tell. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private static final int WINDOWS = 25;
  private static final Duration SHORTEST_GAP = Duration.ofMillis(50);
  private static final Duration SHORTEST = Duration.ofMillis(10);

  /** The rest of the budget is for a load that grows, and for hits that cost more than is known. */
  private static final double PART_OF_BUDGET = 0.6;

  /**
   * What windows have cost.
   *
   * @param fixedNanos of a window: attaching, detaching, and the hits before and after it
   * @param nanosPerSecond of a window's length
   */
  public record Costs(double fixedNanos, double nanosPerSecond) {
    /** What is assumed of attaching and detaching before the first window. */
    private static final Duration AROUND_A_WINDOW = Duration.ofMillis(12);

    private static final double ATTACHING_NANOS = 2e6;

    /** Returns what a probe's windows probably cost, as it costs so much while it is attached. */
    public static Costs expected(double overheadPercent) {
      double nanosPerSecond = overheadPercent / 100 * 1e9;
      double around = AROUND_A_WINDOW.toNanos() / 1e9 * nanosPerSecond;
      return new Costs(ATTACHING_NANOS + around, nanosPerSecond);
    }

    /** Returns what is to be expected after other windows cost this. */
    public Costs followedBy(Costs now) {
      return new Costs(
          (fixedNanos + now.fixedNanos) / 2, (nanosPerSecond + now.nanosPerSecond) / 2);
    }
  }

  /** Returns whether a period that has gone on up to now is over. */
  public boolean isOver(PacedPeriod period) {
    long nanos = period.whole().nanos();
    return nanos >= LONGEST.toNanos()
        || (nanos >= length.toNanos()
            && period.windows().size() >= windows
            && period.isTypical()
            && period.isPrecise());
  }

  /**
   * Returns the mean of the gaps between windows, in ns.
   *
   * @param around what a window takes besides its gap, in ns
   */
  public double meanGap(double around) {
    double share = length.toNanos() / (double) windows;
    return Math.max((double) SHORTEST_GAP.toNanos(), share - Math.max(0, around));
  }

  /**
   * Returns the pacing for a budget, in periods that are as short as possible.
   *
   * @param budgetNanos what the probe may cost in a second
   * @return null if the smallest windows are too dear
   */
  public static @Nullable Pacing within(double budgetNanos, Costs costs) {
    for (Duration length : LENGTHS) {
      double perWindow =
          PART_OF_BUDGET * budgetNanos * length.toSeconds() / WINDOWS - costs.fixedNanos();
      double longest = length.toNanos() / (3.0 * WINDOWS);
      double nanos = Math.min(longest, 1e9 * perWindow / Math.max(1, costs.nanosPerSecond()));
      if (nanos >= SHORTEST.toNanos()) {
        return new Pacing(length, WINDOWS, Duration.ofNanos((long) nanos));
      }
    }
    return null;
  }
}
