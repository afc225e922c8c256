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

  /** Windows begin and end so long after a tick. */
  private static final long AFTER_TICK = TICK / 4;

  /** The part of the windows that other processes keep from ending in time. */
  private static final double MISSED = 0.1;

  private static final long ATTACHED_AROUND_A_WINDOW = 5 * MILLI;

  /** What a JVM takes that has nothing to do, in processors. */
  private static final double IDLE = 0.003;

  private static final long SECOND = 1000 * MILLI;
  private static final long ALWAYS = SECOND;
  private static final int PERIODS = 100;

  /** A thread of an application that does the same work whether it is probed or not. */
  private static final class Load {
    private final String name;
    private final double nanosPerEvent;
    private final long burst;
    private final double ownCpu;
    private final boolean poisson;

    /**
     * @param nanosPerEvent CPU time between two events
     * @param burst for so long it runs at the beginning of each second
     * @param ownCpu what other threads take that make no events, in processors
     * @param poisson whether it sleeps between events, so that the probe does not slow it down
     */
    Load(String name, double nanosPerEvent, long burst, double ownCpu, boolean poisson) {
      this.name = name;
      this.nanosPerEvent = nanosPerEvent;
      this.burst = burst;
      this.ownCpu = ownCpu;
      this.poisson = poisson;
    }

    /** Returns how much of a time it runs. */
    private double busy(long from, long to) {
      double busy = 0;
      for (long start = from / SECOND * SECOND; start < to; start += SECOND) {
        busy += Math.max(0, Math.min(to, start + burst) - Math.max(from, start));
      }
      return busy;
    }

    /** Returns how many threads run at a time. */
    private double running(long time) {
      return (time % SECOND < burst ? 1 : 0) + ownCpu;
    }

    /** Returns what the probe would take of a processor if it were attached all the time. */
    private double overhead(double hitNanos) {
      double perEvent = poisson ? 5 * nanosPerEvent : nanosPerEvent + hitNanos;
      return hitNanos / perEvent * burst / SECOND;
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
        new Load("storm", 15_000, ALWAYS, 0, false),
        new Load("storm beside other work", 15_000, ALWAYS, 0.7, false),
        new Load("a burst of 100 ms a second", 15_000, 100 * MILLI, IDLE, false),
        new Load("a burst of 50 ms a second", 15_000, 50 * MILLI, IDLE, false),
        new Load("a burst of 100 ms a second beside other work", 15_000, 100 * MILLI, 1, false),
        new Load("steady", 10_000, ALWAYS, 0.1, true));
  }

  /** The cost of a hit is not what was measured: the factor by which it is another. */
  private static final double[] REAL_COSTS = {1, 1.25, 1.5};

  @ParameterizedTest
  @MethodSource("loads")
  void theIntervalHoldsTheNumber(Load load) {
    for (double real : REAL_COSTS) {
      Random random = new Random(20260101);
      double overhead = load.overhead(real * NANOS_PER_HIT);
      double budget = Math.min(0.05, overhead / 2);
      Pacing pacing =
          Objects.requireNonNull(
              Pacing.within(1e9 * budget, Pacing.Costs.expected(100 * overhead)));
      int held = 0;
      int narrow = 0;
      double unusual = 0;
      long now = 0;
      for (int i = 0; i < PERIODS; i++) {
        Simulated period = simulated(load, pacing, now, real * NANOS_PER_HIT, unusual, random);
        now = period.end();
        unusual = period.period().unusualBefore();
        Sampling sampling = period.period().sampling();
        if (sampling.low() <= period.count() && period.count() <= sampling.high()) {
          held++;
        }
        if (sampling.halfWidth() <= 0.2 * sampling.estimate()) {
          narrow++;
        }
      }
      assertThat(held).as("%s, a hit costs %s of that", load, real).isGreaterThanOrEqualTo(90);
      // What other threads take tells nothing of the events, so their number is less certain.
      if (!load.name.endsWith("beside other work")) {
        assertThat(narrow).as("%s, a hit costs %s of that", load, real).isGreaterThanOrEqualTo(90);
      }
    }
  }

  private record Simulated(PacedPeriod period, long count, long end) {}

  private static Simulated simulated(
      Load load, Pacing pacing, long start, double hitNanos, double unusual, Random random) {
    List<Interval> windows = new ArrayList<>();
    Interval whole = Interval.NONE;
    long length = pacing.window().toNanos() / TICK * TICK;
    double gap = pacing.meanGap((double) length + ATTACHED_AROUND_A_WINDOW);
    long now = start;
    while (true) {
      long opened = now + (long) (2 * gap * random.nextDouble());
      whole = whole.plus(load.between(now, opened, 0, random));
      long closed = opened + length;
      Interval window = load.between(opened, closed, hitNanos, random);
      whole = whole.plus(window);
      windows.add(ticked(window, load, opened, closed, random));
      now = closed + ATTACHED_AROUND_A_WINDOW;
      whole = whole.plus(load.between(closed, now, hitNanos, random));
      PacedPeriod period = new PacedPeriod(windows, whole, NANOS_PER_HIT, unusual, false);
      if (pacing.isOver(period)) {
        return new Simulated(period, whole.counted(), now);
      }
    }
  }

  /** The CPU time of a window is known up to the tick before both ends, for threads that run. */
  private static Interval ticked(
      Interval window, Load load, long opened, long closed, Random random) {
    double wrong = load.running(opened) * lag(random) - load.running(closed) * lag(random);
    long cpu = Math.max(0, window.cpuNanos() + Math.round(wrong));
    return new Interval(window.nanos(), cpu, window.hits(), window.counted());
  }

  private static double lag(Random random) {
    return random.nextDouble() < MISSED ? TICK * random.nextDouble() : AFTER_TICK;
  }

  @Test
  void whatTheProbeTakesForItselfIsNotTheApplications() {
    Interval window = new Interval(10 * MILLI, 10 * MILLI, 1000, 1000);
    Interval rest = new Interval(990 * MILLI, 990 * MILLI, 0, 0);
    PacedPeriod period = new PacedPeriod(List.of(window, window), rest, 4000, 0, false);
    // A hit takes 5 us in the application, so 1000 events take 5 ms of its own.
    assertThat(period.sampling().estimate()).isCloseTo(990 / 5.0 * 1000, within(1.0));
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
    // One thread is slowed down from 10 ms to 5, or two of them from 20 to 15.
    double least = 20 / 15.0 * 990 / 10 * 1000;
    double most = 10 / 5.0 * 990 / 10 * 1000;
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
  void aPeriodGoesOnUntilItsEstimateIsPreciseOrForTwoMinutes() {
    Pacing pacing = new Pacing(Duration.ofSeconds(5), 3, Duration.ofMillis(10));
    Interval busy = new Interval(10 * MILLI, 10 * MILLI, 100, 100);
    Interval odd = new Interval(10 * MILLI, 10 * MILLI, 900, 900);
    List<Interval> alike = List.of(busy, busy, busy);
    assertThat(pacing.isOver(period(alike, 4))).isFalse();
    assertThat(pacing.isOver(period(alike.subList(1, 3), 5))).isFalse();
    assertThat(pacing.isOver(period(alike, 5))).isTrue();
    assertThat(pacing.isOver(period(List.of(busy, busy, odd), 119))).isFalse();
    assertThat(pacing.isOver(period(List.of(busy, busy, odd), 120))).isTrue();
  }

  private static PacedPeriod period(List<Interval> windows, int seconds) {
    Interval whole = new Interval(seconds * SECOND, seconds * SECOND, 0, 0);
    return new PacedPeriod(windows, whole, 1000, 0, false);
  }

  @Test
  void whatWasUnusualLongAgoCountsLess() {
    Interval window = new Interval(10 * MILLI, 10 * MILLI, 100, 100);
    Interval whole = new Interval(SECOND, SECOND, 0, 0);
    PacedPeriod period = new PacedPeriod(List.of(window, window), whole, 1000, 80, false);
    assertThat(period.unusualBefore()).isEqualTo(40);
    Interval odd = new Interval(10 * MILLI, 10 * MILLI, 300, 300);
    assertThat(new PacedPeriod(List.of(window, odd), whole, 1000, 80, false).unusualBefore())
        .isCloseTo(100, within(1e-6));
  }

  @Test
  void threadsThatRunInAPartOfAWindowAreSlowedDownAsMuchAsInAWholeOne() {
    Interval rest = new Interval(990 * MILLI, 1980 * MILLI, 0, 0);
    Interval full = new Interval(10 * MILLI, 20 * MILLI, 1000, 1000);
    Interval half = new Interval(10 * MILLI, 20 * MILLI, 500, 500);
    Sampling alike = new PacedPeriod(List.of(full, full), rest, 4000, 0, false).sampling();
    Sampling cut = new PacedPeriod(List.of(full, full, half), rest, 4000, 0, false).sampling();
    assertThat(cut.bias() / cut.estimate()).isGreaterThan(alike.bias() / alike.estimate());
    // The one thread that makes them is slowed down from 2.5 parts to 1.25 of the 3 windows.
    assertThat(cut.high()).isGreaterThan(10 / 5.0 * (2500 / 60.0) * 1980);
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
