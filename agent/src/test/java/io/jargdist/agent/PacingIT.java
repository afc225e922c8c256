/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.bridge.BridgeOwner;
import io.jargdist.bridge.LocalBridge;
import io.jargdist.snapshot.Sampling;
import io.jargdist.specifier.Form;
import io.jargdist.testing.AllocationStorm;
import io.jargdist.testing.Jdks;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A probe that costs too much is attached at random moments only, and tells how many events there
 * were. The property {@code jargdist.periods} makes it look at more periods.
 */
class PacingIT {
  private static final int PERIODS = Integer.getInteger("jargdist.periods", 5);
  private static final int GROUP = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(60L * PERIODS);
  private static final String SPECIFIER =
      "p:c:malloc(size_t size):size_t:size:size==" + AllocationStorm.BYTES;

  /**
   * What was seen of a period.
   *
   * @param count the number of allocations that there really were
   * @param overheadPercent of one processor
   */
  private record Period(Sampling sampling, double count, double overheadPercent) {
    boolean holds() {
      return sampling.low() <= count && count <= sampling.high();
    }

    String line() {
      return String.format(
          Locale.ROOT,
          "%s (%s of %.0f to %.0f), %.0f there were, in %d ms, cost %.1f %%",
          sampling.line(),
          holds() ? "one" : "NONE",
          sampling.low(),
          sampling.high(),
          count,
          sampling.elapsedNanos() / 1_000_000,
          overheadPercent);
    }
  }

  @Test
  void aStormIsCountedWithinTheBudgetAndTheApplicationRecovers() throws Exception {
    try (AllocationStorm storm = AllocationStorm.start(Jdks.own(), false)) {
      TimeUnit.SECONDS.sleep(1);
      double free = allocationsPerCpuSecond(storm, Duration.ofSeconds(3));
      try (LocalBridge bridge =
          new LocalBridge(BridgeOwner.COMMAND_LINE, storm.pid(), complaint -> {})) {
        Message.Attached probe =
            bridge.attach(
                new Message.Attach(Form.FREQUENCY, SPECIFIER, ProbeOptions.DEFAULT, GROUP));
        Instant started = bridge.start(GROUP);
        double probed = allocationsPerCpuSecond(storm, Duration.ofSeconds(2));
        List<Period> periods = periods(bridge, probe, storm, started);
        double paced = allocationsPerCpuSecond(storm, Duration.ofSeconds(3));
        print(periods);
        System.out.printf(
            Locale.ROOT, "per CPU second: %.0f, probed %.0f, paced %.0f%n", free, probed, paced);
        assertThat(probed).isLessThan(0.9 * free);
        assertThat(paced).isGreaterThan(0.9 * free);
        assertThat(periods.stream().mapToDouble(Period::overheadPercent).average().orElseThrow())
            .isLessThanOrEqualTo(5);
        assertThat(periods.stream().filter(Period::holds).count())
            .isGreaterThanOrEqualTo(PERIODS * 9 / 10);
        assertThat(periods)
            .filteredOn(each -> each.sampling().halfWidth() <= 0.2 * each.sampling().estimate())
            .hasSizeGreaterThanOrEqualTo(PERIODS * 9 / 10);
      }
    }
  }

  @Test
  void burstsAreNotForgotten() throws Exception {
    try (AllocationStorm storm = AllocationStorm.start(Jdks.own(), true);
        LocalBridge bridge =
            new LocalBridge(BridgeOwner.COMMAND_LINE, storm.pid(), complaint -> {})) {
      // The bursts are 2 to 3 % of a CPU, and this probe may take less.
      ProbeOptions options = ProbeOptions.DEFAULT.withLimits(new Limits(1, null));
      Message.Attached probe =
          bridge.attach(new Message.Attach(Form.FREQUENCY, SPECIFIER, options, GROUP));
      Instant started = bridge.start(GROUP);
      List<Period> periods = periods(bridge, probe, storm, started);
      print(periods);
      assertThat(periods.stream().filter(Period::holds).count())
          .isGreaterThanOrEqualTo(PERIODS * 9 / 10);
    }
  }

  private static void print(List<Period> periods) {
    periods.forEach(period -> System.out.println(period.line()));
    System.out.println(periods.stream().filter(Period::holds).count() + " of " + periods.size());
  }

  /** Waits for the periods in which the probe is paced. */
  private static List<Period> periods(
      LocalBridge bridge, Message.Attached probe, AllocationStorm storm, Instant started)
      throws Exception {
    List<Period> periods = new ArrayList<>();
    Sampling before = null;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (periods.size() < PERIODS) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
      Message.Frequency answer =
          (Message.Frequency) bridge.read(probe.probe(), Message.Read.What.NOW);
      ProbeHealth health = answer.health();
      assertThat(health.detached()).isNull();
      Sampling now = answer.snapshot().sampling();
      if (health.paced() == null) {
        continue;
      }
      if (before != null && now.elapsedNanos() > before.elapsedNanos()) {
        // What the storm did up to now is written soon.
        TimeUnit.MILLISECONDS.sleep(1200);
        double count =
            storm.allocations(started.plusNanos(now.elapsedNanos()))
                - storm.allocations(started.plusNanos(before.elapsedNanos()));
        periods.add(new Period(now.minus(before), count, health.overheadPercent()));
      }
      before = now;
    }
    return periods;
  }

  /** Other processes take their part of the machine, so it is not measured by the clock. */
  private static double allocationsPerCpuSecond(AllocationStorm storm, Duration time)
      throws Exception {
    ProcessHandle process = ProcessHandle.of(storm.pid()).orElseThrow();
    Duration cpu = process.info().totalCpuDuration().orElseThrow();
    Instant start = Instant.now();
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
    Instant end = Instant.now();
    Duration taken = process.info().totalCpuDuration().orElseThrow().minus(cpu);
    TimeUnit.MILLISECONDS.sleep(100);
    return (storm.allocations(end) - storm.allocations(start)) * 1e9 / taken.toNanos();
  }
}
