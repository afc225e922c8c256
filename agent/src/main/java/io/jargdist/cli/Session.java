/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.LocalBridge;
import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Daemon;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.bridge.protocol.ProbeException;
import io.jargdist.bridge.protocol.ProbeHealth;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.Terminal;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of the command line: attaches, prints at every interval as argdist does, detaches. */
final class Session {
  private static final Duration DETACH_TIMEOUT = Duration.ofSeconds(2);

  /** All probes of a command line begin together. */
  static final int GROUP = 1;

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

  /** A probe and what was shown of it last. */
  private static final class Shown {
    final Message.Attached probe;
    final String specifier;
    ProbeHealth.@Nullable Detached detached;
    @Nullable HistogramSnapshot histogram;
    FrequencySnapshot frequency = FrequencySnapshot.EMPTY;

    Shown(Message.Attached probe, String specifier) {
      this.probe = probe;
      this.specifier = specifier;
    }
  }

  /** Runs to its end; answers the exit status. */
  int run(boolean verbose) throws IOException, ProbeException {
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      try {
        progress.step("loading the agent into process " + pid);
        Client agent = connect(ending);
        watch(ending.owns(ProcessReference.open(pid)));
        if (verbose) {
          for (Requested each : requested) {
            progress.step("compiling " + each.specifier());
            Message.Check check = new Message.Check(each.form(), each.specifier(), options);
            Output.STDOUT
                .lines(agent.call(check, Message.Text.class, AgentConnection.ATTACH_TIMEOUT).text())
                .check();
          }
        }
        List<Shown> probes = new ArrayList<>();
        WarningPrinter warnings = new WarningPrinter(progress);
        for (Requested each : requested) {
          progress.step("attaching " + each.specifier());
          Message.Attached attached =
              agent.call(request(each), Message.Attached.class, AgentConnection.ATTACH_TIMEOUT);
          ending.owns(
              () ->
                  agent.call(
                      new Message.Detach(attached.probe()), Message.Done.class, DETACH_TIMEOUT));
          warnings.print(attached);
          probes.add(new Shown(attached, each.specifier()));
        }
        agent.call(new Message.Start(GROUP), Message.Started.class, AgentConnection.ANSWER_TIMEOUT);
        progress.clear();
        return show(agent, probes);
      } catch (IOException | ProbeException e) {
        if (ending.isSignalled()) {
          return ExitStatus.OK;
        }
        throw e;
      } catch (InterruptedException e) {
        return ExitStatus.OK;
      }
    }
  }

  /**
   * The end of the connection alone does not tell that the target has ended: a child that its
   * native code has forked holds the other end, too.
   */
  private void watch(ProcessReference target) {
    Daemon.start(
        "target-watch",
        () -> {
          try {
            target.awaitEnd();
            ended.countDown();
          } catch (IOException e) {
            // Then the end of the connection tells.
          }
        },
        Output.STDERR::complain);
  }

  /** Whoever may probe is the bridge: this process if it has the privilege, else the JVM's own. */
  private Client connect(Ending ending) throws IOException {
    if (!ProcessStatus.of("self").mayProbe()) {
      return AgentConnection.open(pid, ending, ended::countDown);
    }
    LocalBridge bridge = ending.owns(new LocalBridge(pid, Output.STDERR::complain));
    List<Message.Attach> granted = requested.stream().map(this::request).toList();
    return AgentConnection.openHosted(pid, ending, ended::countDown, bridge, granted);
  }

  private Message.Attach request(Requested each) {
    return new Message.Attach(each.form(), each.specifier(), options, GROUP);
  }

  private int show(Client agent, List<Shown> probes)
      throws IOException, ProbeException, InterruptedException {
    Printer printer = printer();
    long next = System.nanoTime();
    for (int i = 0; i < display.prints(); i++) {
      next += TimeUnit.SECONDS.toNanos(display.intervalSeconds());
      if (ended.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw new IOException("process " + pid + " has ended");
      }
      ZonedDateTime time = ZonedDateTime.now(ZoneId.systemDefault());
      agent.call(new Message.Mark(GROUP), Message.Done.class, AgentConnection.ANSWER_TIMEOUT);
      List<Reading> readings = new ArrayList<>();
      for (Shown probe : probes) {
        readings.add(read(agent, probe));
      }
      printer.print(time, readings);
      if (probes.stream().allMatch(probe -> probe.detached != null)) {
        break;
      }
    }
    return probes.stream().anyMatch(Session::wasTooExpensive)
        ? ExitStatus.SPECIFIER
        : ExitStatus.OK;
  }

  private static boolean wasTooExpensive(Shown probe) {
    return probe.detached != null && probe.detached.tooExpensive();
  }

  /** Says it once, and goes on with the others. */
  private static void keep(Shown shown, ProbeHealth health) {
    ProbeHealth.Detached detached = health.detached();
    if (detached != null && shown.detached == null) {
      shown.detached = detached;
      Output.STDERR.complain(shown.specifier + " was detached: " + detached.reason());
    }
  }

  private Printer printer() {
    if (display.json()) {
      return new JsonPrinter(Output.STDOUT, display);
    }
    String noColor = System.getenv("NO_COLOR");
    boolean screen =
        Terminal.sizeOf(Terminal.STDOUT) != null
            && (noColor == null || noColor.isEmpty())
            && !"dumb".equals(System.getenv("TERM"));
    return screen
        ? new ScreenPrinter(Output.STDOUT, display, () -> Terminal.sizeOf(Terminal.STDOUT))
        : new TextPrinter(Output.STDOUT, display);
  }

  private Reading read(Client agent, Shown shown) throws IOException, ProbeException {
    Message answer = agent.read(shown.probe.probe(), true, AgentConnection.ANSWER_TIMEOUT);
    if (answer instanceof Message.Histogram histogram) {
      HistogramSnapshot now = histogram.snapshot();
      HistogramSnapshot before = shown.histogram;
      HistogramSnapshot part = display.cumulative() || before == null ? now : now.minus(before);
      shown.histogram = now;
      keep(shown, histogram.health());
      return new Reading(shown.probe, shown.specifier, part);
    }
    Message.Frequency frequency = (Message.Frequency) answer;
    FrequencySnapshot now = frequency.snapshot();
    FrequencySnapshot part = display.cumulative() ? now : now.minus(shown.frequency);
    shown.frequency = now;
    keep(shown, frequency.health());
    return new Reading(shown.probe, shown.specifier, part);
  }
}
