/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jargdist.cost.PacedPeriod.Interval;
import io.jargdist.snapshot.Sampling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Estimates are compared with the numbers of simulated applications, of which all is known. */
class PacedPeriodTest {
  private static final double NANOS_PER_HIT = 4700;
  private static final long MILLI = 1_000_000;

  /** The kernel adds up what a running thread takes when its clock ticks. */
  private static final long TICK = 4 * MILLI;

  private static final int PERIODS = 100;
  private static final int WINDOWS = 25;

  /** A thread of an application that does the same work whether it is probed or not. */
  private static final class Load {
    private final String name;
    private final double nanosPerEvent;
    private final boolean bursts;
    private final double ownCpu;
    private final boolean poisson;

    /**
     * @param nanosPerEvent CPU time between two events
     * @param bursts whether it runs for the first 100 ms of each second only; else always
     * @param ownCpu what other threads take that make no events, in processors
     * @param poisson whether it sleeps between events, so that the probe does not slow it down
     */
    Load(String name, double nanosPerEvent, boolean bursts, double ownCpu, boolean poisson) {
      this.name = name;
      this.nanosPerEvent = nanosPerEvent;
      this.bursts = bursts;
      this.ownCpu = ownCpu;
      this.poisson = poisson;
    }

    /** Returns how much of a time it runs. */
    private double busy(long from, long to) {
      if (!bursts) {
        return to - from;
      }
      double busy = 0;
      long second = 1000 * MILLI;
      for (long start = from / second * second; start < to; start += second) {
        busy += Math.max(0, Math.min(to, start + 100 * MILLI) - Math.max(from, start));
      }
      return busy;
    }

    /**
     * @param hitNanos what a hit really costs; 0 if it is not probed
     */
    Interval between(long from, long to, double hitNanos, Random random) {
      double busy = busy(from, to);
      double events = poisson ? busy / (5 * nanosPerEvent) : busy / (nanosPerEvent + hitNanos);
      events = Math.max(0, events + random.nextGaussian() * Math.sqrt(events));
      double cpu = events * (nanosPerEvent + hitNanos) + ownCpu * (to - from);
      long count = Math.round(events);
      return new Interval(to - from, Math.round(cpu), hitNanos == 0 ? 0 : count, count);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Load> loads() {
    return Stream.of(
        new Load("storm", 15_000, false, 0, false),
        new Load("storm beside other work", 15_000, false, 0.7, false),
        new Load("one burst a second", 10_000, true, 0.02, false),
        new Load("one burst a second beside other work", 10_000, true, 1, false),
        new Load("Poisson", 10_000, false, 0.1, true));
  }

  /** The cost of a hit is not what was measured: the factor by which it is another. */
  private static final double[] REAL_COSTS = {1, 1.15, 1.3};

  @ParameterizedTest
  @MethodSource("loads")
  void theIntervalHoldsTheNumber(Load load) {
    for (double real : REAL_COSTS) {
      Random random = new Random(20260101);
      int held = 0;
      double widest = 0;
      double unusual = 0;
      long now = 0;
      for (int i = 0; i < PERIODS; i++) {
        Simulated period = simulated(load, now, real * NANOS_PER_HIT, unusual, random);
        now = period.end();
        unusual = period.period().mostUnusual();
        Sampling sampling = period.period().sampling();
        if (sampling.low() <= period.count() && period.count() <= sampling.high()) {
          held++;
        }
        widest = Math.max(widest, sampling.halfWidth() / sampling.estimate());
      }
      assertThat(held).as("%s, a hit costs %s of that", load, real).isGreaterThanOrEqualTo(90);
      if (load.name.equals("storm")) {
        assertThat(widest).isLessThanOrEqualTo(0.2);
      }
    }
  }

  private record Simulated(PacedPeriod period, long count, long end) {}

  private static Simulated simulated(
      Load load, long start, double hitNanos, double unusual, Random random) {
    List<Interval> windows = new ArrayList<>();
    Interval whole = Interval.NONE;
    long count = 0;
    long now = start;
    while (true) {
      long opened = now + (long) (2 * 180 * MILLI * random.nextDouble());
      whole = whole.plus(load.between(now, opened, 0, random));
      long closed = opened + 12 * MILLI;
      Interval window = load.between(opened, closed, hitNanos, random);
      whole = whole.plus(window);
      windows.add(ticked(window, load, random));
      long detached = closed + 5 * MILLI;
      whole = whole.plus(load.between(closed, detached, hitNanos, random));
      now = detached;
      count = whole.counted();
      PacedPeriod period = new PacedPeriod(windows, whole, NANOS_PER_HIT, unusual, false);
      if (windows.size() >= WINDOWS && period.isTypical()) {
        return new Simulated(period, count, now);
      }
    }
  }

  /** The CPU time of a window is known up to a tick at both ends, for each thread that runs. */
  private static Interval ticked(Interval window, Load load, Random random) {
    double running = Math.min(1, window.cpuNanos() / (double) window.nanos()) + load.ownCpu;
    double before = random.nextDouble();
    double wrong = TICK * running * (random.nextDouble() - before);
    long cpu = Math.max(0, window.cpuNanos() + Math.round(wrong));
    return new Interval(window.nanos(), cpu, window.hits(), window.counted());
  }

  @Test
  void whatTheProbeTakesForItselfIsNotTheApplications() {
    Interval window = new Interval(10 * MILLI, 10 * MILLI, 1000, 1000);
    Interval rest = new Interval(990 * MILLI, 990 * MILLI, 0, 0);
    PacedPeriod period = new PacedPeriod(List.of(window, window), rest, 4000, 0, false);
    // A hit takes 4.6 us in the application, so 1000 events take 5.4 ms of its own.
    assertThat(period.sampling().estimate()).isCloseTo(990 / 5.4 * 1000, within(1.0));
    assertThat(period.isUnclear()).isFalse();
    Interval dense = new Interval(10 * MILLI, 10 * MILLI, 1500, 1500);
    assertThat(new PacedPeriod(List.of(dense), rest, 4000, 0, false).isUnclear()).isTrue();
    assertThat(new PacedPeriod(List.of(dense), rest, 4000, 0, true).isUnclear()).isFalse();
  }

  @Test
  void theFewerThreadsMakeTheEventsTheMoreTheyAreSlowedDown() {
    Interval rest = new Interval(990 * MILLI, 1980 * MILLI, 0, 0);
    Interval window = new Interval(10 * MILLI, 20 * MILLI, 1000, 1000);
    Sampling sampling = new PacedPeriod(List.of(window, window), rest, 4000, 0, false).sampling();
    // One thread is slowed down from 10 ms to 5.4, or two of them from 20 to 15.4.
    double least = 20 / 15.4 * 990 / 10 * 1000;
    double most = 10 / 5.4 * 990 / 10 * 1000;
    assertThat(sampling.estimate()).isCloseTo((least + most) / 2, within(1.0));
    assertThat(sampling.low()).isLessThan(least);
    assertThat(sampling.high()).isGreaterThan(most);
    assertThat(new PacedPeriod(List.of(window), rest, 4000, 0, false).isUnclear()).isFalse();
    Interval many = new Interval(10 * MILLI, 300 * MILLI, 1000, 1000);
    assertThat(new PacedPeriod(List.of(many), rest, 4000, 0, false).isUnclear()).isTrue();
  }

  @Test
  void windowsThatMetTooLittleAreNotTypical() {
    Interval idle = new Interval(10 * MILLI, 0, 0, 0);
    Interval whole = new Interval(5000 * MILLI, 500 * MILLI, 0, 0);
    assertThat(new PacedPeriod(List.of(idle, idle), whole, 1000, 0, false).isTypical()).isFalse();
    assertThat(new PacedPeriod(List.of(idle, idle), whole, 1000, 0, true).isTypical()).isTrue();
  }

  @Test
  void thePacingStaysWithinTheBudgetOrThereIsNone() {
    double budget = 50e6;
    for (double cost : new double[] {6, 20, 50, 95, 190}) {
      Pacing.Costs costs = Pacing.Costs.expected(cost);
      Pacing pacing = Objects.requireNonNull(Pacing.within(budget, costs), "cost " + cost);
      double spent =
          pacing.windows()
              * (costs.fixedNanos() + costs.nanosPerSecond() * pacing.window().toNanos() / 1e9);
      assertThat(spent).isLessThan(0.8 * budget * pacing.length().toSeconds());
      assertThat(pacing.length()).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
    }
    assertThat(Pacing.within(budget, Pacing.Costs.expected(3000))).isNull();
  }
}
