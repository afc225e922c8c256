/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.RunningProbe.Point;
import io.jargdist.cost.HitMeter;
import io.jargdist.cost.PacedPeriod;
import io.jargdist.cost.PacedPeriod.Interval;
import io.jargdist.cost.Pacing;
import io.jargdist.cost.ProcessUse;
import io.jargdist.cost.Ticks;
import io.jargdist.kernel.BpfProgram.Runs;
import io.jargdist.kernel.RunStatistics;
import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;
import io.jargdist.snapshot.Sampling;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.ProbeHealth.Detached;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Attaches a probe that costs too much at random moments only, for a short window each time, so
 * that it stays within its budget; and estimates from what the windows see how many events there
 * were. The probe is really detached in between: the application does not stop there.
 *
 * <p>The moments are independent of the application: the gaps between windows are random, so that a
 * load with a rhythm of its own is met in each of its parts. A window begins and ends at the same
 * distance from the kernel's ticks, so that its CPU time is exact: see {@link Ticks}. A period goes
 * on until its estimate is precise. Owns a daemon thread, which ends with {@link #stop} or when
 * pacing does not help.
 */
final class Pacer {
  /** After so many windows it can be told whether the probe leaves the application enough. */
  private static final int FIRST_WINDOWS = 5;

  /** The end of a window that other processes delay is put off so often. */
  private static final int MISSED_MOMENTS = 3;

  /** So many runs of a program tell how long one takes. */
  private static final int MEASURED_RUNS = 1000;

  private static final Duration MEASURING = Duration.ofSeconds(1);
  private static final Duration MEASURED = Duration.ofMillis(20);

  /** What a run of a program is taken for where the kernel does not measure it. */
  private static final double ASSUMED_RUN_NANOS = 100;

  private static final String UNCLEAR =
      "; it cannot be paced either, since it slows the application down so much while it is"
          + " attached that the number of events without it cannot be told";

  private final RunningProbe probe;
  private final HitMeter meter;
  private final ProcessUse.Clock clock;
  private final boolean systemWide;
  private final Point start;
  private final Consumer<Detached> end;
  private final String excess;
  private final String complaint;
  private final Random random = new Random();
  private final Ticks ticks;
  private final Thread thread;
  private Pacing.Costs costs;
  private double unusual;
  private double nanosPerRun;
  private volatile Progress progress;

  /**
   * What is known after a period.
   *
   * @param hitsPerSecond in the last period
   * @param overheadPercent of one processor, in the last period, with attaching and detaching
   */
  record Progress(Sampling sampling, double hitsPerSecond, double overheadPercent) {}

  /**
   * @param start up to which the probe has seen everything
   * @param before what it has seen up to there
   * @param end is called at most once, if the probe cannot stay
   * @throws KernelException if the kernel tells nothing of its ticks
   */
  Pacer(
      RunningProbe probe,
      ProcessUse.Clock clock,
      boolean systemWide,
      Point start,
      Sampling before,
      Consumer<Detached> end)
      throws KernelException {
    this.probe = probe;
    this.meter = probe.meter();
    this.clock = clock;
    this.systemWide = systemWide;
    this.start = start;
    this.end = end;
    this.ticks = Ticks.ofMachine();
    this.excess = meter.excess();
    this.complaint = meter.complaint();
    this.costs = Pacing.Costs.expected(meter.overheadPercent());
    this.progress = new Progress(before, meter.hitsPerSecond(), meter.overheadPercent());
    this.thread = new DaemonFactory("pacer").newThread(this::pace);
  }

  void start() {
    thread.start();
  }

  /** Does not wait. A window that is open is closed by whoever detaches the probe. */
  void stop() {
    thread.interrupt();
  }

  Progress progress() {
    return progress;
  }

  /** Returns for people why there is a pacer, and what that means. */
  String warning() {
    return "attached all the time, "
        + excess
        + ". So it is paced: it is attached at random moments only. Its counts are what was seen"
        + " then; Coverage says which part of the time that is, and Estimate how many events there"
        + " were.";
  }

  private void pace() {
    try {
      nanosPerRun = nanosPerRun();
      probe.pause();
      Point last = start;
      Sampling sampling = progress.sampling();
      while (true) {
        Pacing pacing = Pacing.within(meter.allowedPercent() / 100 * 1e9, costs);
        if (pacing == null) {
          end.accept(new Detached(complaint, Detached.Cause.TOO_EXPENSIVE));
          return;
        }
        Point now = period(pacing, last, sampling);
        if (now == null) {
          end.accept(new Detached(complaint + UNCLEAR, Detached.Cause.TOO_EXPENSIVE));
          return;
        }
        last = now;
        sampling = progress.sampling();
      }
    } catch (InterruptedException e) {
      // The probe has been detached.
    } catch (KernelException e) {
      end.accept(new Detached(String.valueOf(e.getMessage()), Detached.Cause.TOO_EXPENSIVE));
    } catch (IOException e) {
      end.accept(new Detached(IoFailure.sentence(e), Detached.Cause.TOO_EXPENSIVE));
    }
  }

  /**
   * Returns what a run of the probe's programs takes, which the cost of a hit does not contain.
   * Where the kernel is entered fast that is a large part of it.
   */
  private double nanosPerRun() throws InterruptedException {
    try (RunStatistics statistics = RunStatistics.of(probe.loaded())) {
      long start = System.nanoTime();
      Runs runs;
      do {
        TimeUnit.NANOSECONDS.sleep(MEASURED.toNanos());
        runs = statistics.runs();
      } while (runs.count() < MEASURED_RUNS && System.nanoTime() - start < MEASURING.toNanos());
      return runs.count() > 0 ? (double) runs.nanos() / runs.count() : ASSUMED_RUN_NANOS;
    } catch (KernelException e) {
      return ASSUMED_RUN_NANOS;
    }
  }

  private double nanosPerHit() {
    return meter.nanosPerHit() + nanosPerRun;
  }

  /**
   * Waits for a moment at which CPU time can be compared.
   *
   * @param earliest the System.nanoTime before which there is none
   */
  private Point pointAtMoment(long earliest) throws KernelException, InterruptedException {
    long moment = ticks.momentAfter(earliest);
    for (int missed = 0; ; missed++) {
      TimeUnit.NANOSECONDS.sleep(moment - System.nanoTime());
      Point point = point();
      long now = System.nanoTime();
      if (!ticks.isMissed(moment, now) || missed == MISSED_MOMENTS) {
        return point;
      }
      moment = ticks.momentAfter(now);
    }
  }

  private Point point() throws KernelException, InterruptedException {
    Point point = probe.point(clock);
    if (point == null) {
      throw new InterruptedException("the probe is closed");
    }
    return point;
  }

  /**
   * Paces the probe for a period.
   *
   * @param start of the period
   * @param before what is known up to there
   * @return its end; null if nothing can be told that way
   */
  private @Nullable Point period(Pacing pacing, Point start, Sampling before)
      throws KernelException, IOException, InterruptedException {
    List<Interval> windows = new ArrayList<>();
    long attaching = 0;
    double gap = pacing.meanGap((double) pacing.window().toNanos());
    while (true) {
      TimeUnit.NANOSECONDS.sleep((long) (2 * gap * random.nextDouble()));
      long cpuBefore = Syscalls.cpuNanosOfThread();
      try {
        probe.resume();
        Point opened = pointAtMoment(System.nanoTime());
        long length = ticks.whole(pacing.window().toNanos()) - ticks.nanos() / 2;
        windows.add(pointAtMoment(opened.nanoTime() + length).since(opened));
      } finally {
        probe.pause();
      }
      attaching += Syscalls.cpuNanosOfThread() - cpuBefore;
      Point now = point();
      Interval whole = now.since(start);
      PacedPeriod period = new PacedPeriod(windows, whole, nanosPerHit(), unusual, systemWide);
      int count = windows.size();
      if (count >= FIRST_WINDOWS && period.isUnclear()) {
        return null;
      }
      if (pacing.isOver(period)) {
        ended(period, attaching, before);
        return now;
      }
      // What a window takes besides its gap is known now.
      gap = pacing.meanGap(whole.nanos() / (double) count - gap);
    }
  }

  /**
   * @param attaching the CPU time that attaching and detaching took here: for so long the
   *     application's threads may wait, too, each that runs
   */
  private void ended(PacedPeriod period, long attaching, Sampling before) {
    Interval whole = period.whole();
    Interval seen = period.seen();
    double running = Math.max(1, whole.cpuNanos() / (double) whole.nanos());
    double transitions = attaching * (1 + running);
    double nanosPerHit = nanosPerHit();
    double cost = whole.hits() * nanosPerHit + transitions;
    double fixed = transitions + (whole.hits() - seen.hits()) * nanosPerHit;
    costs =
        costs.followedBy(
            new Pacing.Costs(
                fixed / period.windows().size(), seen.hits() * nanosPerHit * 1e9 / seen.nanos()));
    unusual = period.unusualBefore();
    progress =
        new Progress(
            before.plus(period.sampling()),
            whole.hits() * 1e9 / whole.nanos(),
            cost * 100 / whole.nanos());
  }
}
