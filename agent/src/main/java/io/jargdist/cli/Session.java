/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.bridge.protocol.Message.Failure;
import io.jargdist.bridge.protocol.ProbeException;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import io.jargdist.snapshot.Losses;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of the command line: attaches, prints at every interval as argdist does, detaches. */
final class Session {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final Duration ATTACH_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  private final long pid;
  private final List<Requested> requested;
  private final ProbeOptions options;
  private final Display display;
  private final CountDownLatch ended = new CountDownLatch(1);

  Session(long pid, List<Requested> requested, ProbeOptions options, Display display) {
    this.pid = pid;
    this.requested = List.copyOf(requested);
    this.options = options;
    this.display = display;
  }

  record Requested(Form form, String specifier) {}

  /**
   * @param intervalSeconds at least 1
   * @param top null for all rows
   */
  record Display(int intervalSeconds, int prints, boolean cumulative, @Nullable Integer top) {}

  /** A probe and what was shown of it last. */
  private static final class Shown {
    final Message.Attached probe;
    HistogramSnapshot histogram = HistogramSnapshot.empty();
    FrequencySnapshot frequency = FrequencySnapshot.EMPTY;

    Shown(Message.Attached probe) {
      this.probe = probe;
    }
  }

  int run(boolean verbose, boolean onlyProgram) {
    try (Client agent = AgentLoader.load(pid, ended::countDown)) {
      if (verbose || onlyProgram) {
        for (Requested each : requested) {
          Message.Check check = new Message.Check(each.form(), each.specifier(), options);
          System.out.println(agent.call(check, Message.Text.class, ATTACH_TIMEOUT).text());
        }
        if (onlyProgram) {
          return JargdistCommand.OK;
        }
      }
      List<Shown> probes = new ArrayList<>();
      for (Requested each : requested) {
        Message.Attach attach = new Message.Attach(each.form(), each.specifier(), options);
        probes.add(new Shown(agent.call(attach, Message.Attached.class, ATTACH_TIMEOUT)));
      }
      return show(agent, probes);
    } catch (ProbeException e) {
      System.err.println("jargdist: " + e.getMessage());
      return e.kind() == Failure.Kind.SPECIFIER
          ? JargdistCommand.SPECIFIER
          : JargdistCommand.UNREACHABLE;
    } catch (IOException e) {
      System.err.println("jargdist: " + e.getMessage());
      return JargdistCommand.UNREACHABLE;
    } catch (InterruptedException e) {
      return JargdistCommand.OK;
    }
  }

  private int show(Client agent, List<Shown> probes)
      throws IOException, ProbeException, InterruptedException {
    long next = System.nanoTime();
    for (int i = 0; i < display.prints(); i++) {
      next += TimeUnit.SECONDS.toNanos(display.intervalSeconds());
      if (ended.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        System.err.println("jargdist: process " + pid + " has ended");
        return JargdistCommand.UNREACHABLE;
      }
      System.out.println("[" + CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "]");
      for (Shown probe : probes) {
        print(agent, probe);
      }
      System.out.flush();
    }
    return JargdistCommand.OK;
  }

  private void print(Client agent, Shown shown) throws IOException, ProbeException {
    Message answer = agent.call(new Message.Read(shown.probe.probe()), Message.class, READ_TIMEOUT);
    Losses lost;
    if (answer instanceof Message.Histogram histogram) {
      HistogramSnapshot now = histogram.snapshot();
      HistogramSnapshot part = display.cumulative() ? now : now.minus(shown.histogram);
      shown.histogram = now;
      HistogramText.rows(part, shown.probe.label()).forEach(System.out::println);
      lost = part.losses();
    } else {
      FrequencySnapshot now = ((Message.Frequency) answer).snapshot();
      FrequencySnapshot part = display.cumulative() ? now : now.minus(shown.frequency);
      shown.frequency = now;
      System.out.println(shown.probe.label());
      List<String> rows =
          display.top() == null || display.top() == 0
              ? FrequencyText.rows(part, shown.probe.columns())
              : FrequencyText.rows(part, shown.probe.columns(), display.top());
      rows.forEach(System.out::println);
      lost = part.losses();
    }
    if (lost.total() != 0) {
      System.out.println("lost " + lost.total() + " (" + lost.detail() + ")");
    }
  }
}
