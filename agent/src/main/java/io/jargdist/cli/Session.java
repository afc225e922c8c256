/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.BridgeOwner;
import io.jargdist.bridge.LocalBridge;
import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.wire.Client;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of the command line: attaches, prints at every interval as argdist does, detaches. */
final class Session {
  private static final Duration DETACH_TIMEOUT = Duration.ofSeconds(2);

  /** All probes of a command line begin together. */
  static final int GROUP = 1;

  private final ProcessReference target;
  private final long pid;
  private final List<Requested> requested;
  private final ProbeOptions options;
  private final Display display;
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * @param target open until this run has ended
   */
  Session(
      ProcessReference target, List<Requested> requested, ProbeOptions options, Display display) {
    this.target = target;
    this.pid = target.pid();
    this.requested = List.copyOf(requested);
    this.options = options;
    this.display = display;
  }

  /** Runs to its end; answers the exit status. */
  int run(boolean verbose) throws IOException, ProbeException {
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      try {
        progress.step("loading the agent into process " + pid);
        Client agent = connect(ending);
        watch();
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
          probes.add(new Shown(attached, each.specifier(), true));
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
  private void watch() {
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
    LocalBridge bridge =
        ending.owns(new LocalBridge(BridgeOwner.COMMAND_LINE, pid, Output.STDERR::complain));
    List<Message.Attach> granted = requested.stream().map(this::request).toList();
    return AgentConnection.openHosted(pid, ending, ended::countDown, bridge, granted);
  }

  private Message.Attach request(Requested each) {
    return new Message.Attach(each.form(), each.specifier(), options, GROUP);
  }

  private int show(Client agent, List<Shown> probes)
      throws IOException, ProbeException, InterruptedException {
    Printer printer = Printer.of(display);
    long next = System.nanoTime();
    for (int i = 0; i < display.prints(); i++) {
      next += TimeUnit.SECONDS.toNanos(display.intervalSeconds());
      if (ended.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw AgentConnection.closed(pid);
      }
      ZonedDateTime time = ZonedDateTime.now(ZoneId.systemDefault());
      agent.call(new Message.Mark(GROUP), Message.Done.class, AgentConnection.ANSWER_TIMEOUT);
      List<Reading> readings = new ArrayList<>();
      for (Shown probe : probes) {
        readings.add(read(agent, probe));
      }
      printer.print(time, readings);
      if (probes.stream().allMatch(probe -> probe.detached() != null)) {
        break;
      }
    }
    return probes.stream().anyMatch(Session::wasTooExpensive)
        ? ExitStatus.SPECIFIER
        : ExitStatus.OK;
  }

  private static boolean wasTooExpensive(Shown probe) {
    ProbeHealth.Detached detached = probe.detached();
    return detached != null && detached.tooExpensive();
  }

  /** Says once that a probe was detached, and goes on with the others. */
  private Reading read(Client agent, Shown probe) throws IOException, ProbeException {
    boolean counted = probe.detached() == null;
    Reading reading = probe.read(agent, display.cumulative(), null);
    ProbeHealth.Detached detached = probe.detached();
    if (detached != null && counted) {
      Output.STDERR.complain(probe.specifier() + " was detached: " + detached.reason());
    }
    return reading;
  }
}
