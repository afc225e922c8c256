/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.BridgeOwner;
import io.jargdist.bridge.LocalBridge;
import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.jmx.ProbeNames;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.RemoteHost;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One run of the command line. It attaches the probes, prints at every interval as argdist does,
 * and detaches them.
 */
final class Session {
  /** The group of all probes of a command line, which begin together. */
  static final int GROUP = 1;

  private final ProcessReference target;
  private final long pid;
  private final List<Message.Attach> requests;
  private final Display display;
  private final AgentUse agentUse;
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * @param target stays open until the run has ended
   */
  Session(
      ProcessReference target,
      List<Requested> requested,
      ProbeOptions options,
      Display display,
      AgentUse agentUse) {
    this.target = target;
    this.pid = target.pid();
    this.requests =
        requested.stream()
            .map(each -> new Message.Attach(each.form(), each.specifier(), options, GROUP))
            .toList();
    this.display = display;
    this.agentUse = agentUse;
  }

  /** Runs to the end; returns the exit status. */
  int run(boolean verbose) throws IOException, ProbeException {
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      try {
        ProbeHost host = connect(ending, progress);
        Publisher publisher =
            agentUse == AgentUse.TO_PUBLISH && host instanceof LocalBridge bridge
                ? Publisher.start(target, bridge, ending)
                : null;
        watch();
        if (verbose) {
          for (Message.Attach each : requests) {
            progress.step("compiling " + each.specifier());
            Message.Check check = new Message.Check(each.form(), each.specifier(), each.options());
            Output.STDOUT.lines(host.check(check)).check();
          }
        }
        List<Shown> probes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        WarningPrinter warnings = new WarningPrinter(progress);
        for (Message.Attach each : requests) {
          progress.step("attaching " + each.specifier());
          Message.Attached attached = named(host.attach(each), each, names);
          ending.owns(() -> host.detach(attached.probe()));
          String awaited = attached.libraries().awaited();
          if (awaited != null) {
            progress.clear();
            Output.STDERR.complain(each.specifier() + " waits: " + awaited);
          }
          warnings.print(attached);
          probes.add(new Shown(attached, each.specifier(), true));
        }
        if (publisher != null) {
          publisher.awaitAgent();
        }
        host.start(GROUP);
        progress.clear();
        if (publisher != null) {
          publisher.publish(requests);
        }
        return show(host, probes);
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
   * Notices the end of the target. The connection may outlive the target, since a child that its
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
            // The end of the connection then tells that the target has ended.
          }
        },
        Output.STDERR::complain);
  }

  /**
   * Connects to the host that counts: a bridge in this process if it has the privilege, else the
   * JVM's own bridge.
   */
  private ProbeHost connect(Ending ending, Progress progress) throws IOException {
    if (agentUse == AgentUse.NONE || ProcessStatus.of("self").mayProbe()) {
      LocalBridge bridge =
          ending.owns(new LocalBridge(BridgeOwner.COMMAND_LINE, pid, Output.STDERR::complain));
      bridge.expect(requests);
      return bridge;
    }
    progress.step("loading the agent into process " + pid);
    return RemoteHost.of(AgentConnection.open(pid, ending, ended::countDown), Patience.WITH_AGENT);
  }

  /** Gives a probe the name that its MBean has or would have. */
  private static Message.Attached named(
      Message.Attached attached, Message.Attach request, Set<String> taken) {
    String name = attached.name();
    if (name.isEmpty()) {
      String label = attached.labelled() ? attached.label() : null;
      name = ProbeNames.choose(label, request.specifier(), taken);
    }
    taken.add(name);
    return attached.named(attached.probe(), name);
  }

  private int show(ProbeHost host, List<Shown> probes)
      throws IOException, ProbeException, InterruptedException {
    Printer printer = Printer.of(display);
    long next = System.nanoTime();
    for (int i = 0; i < display.prints(); i++) {
      next += TimeUnit.SECONDS.toNanos(display.intervalSeconds());
      if (ended.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw AgentConnection.closed(pid);
      }
      ZonedDateTime time = ZonedDateTime.now(ZoneId.systemDefault());
      host.mark(GROUP);
      List<ShownSnapshot> snapshots = new ArrayList<>();
      for (Shown probe : probes) {
        snapshots.add(read(host, probe));
      }
      printer.print(time, snapshots);
      if (probes.stream().allMatch(probe -> probe.detached() != null)) {
        break;
      }
    }
    return probes.stream().anyMatch(Session::hasFailed) ? ExitStatus.SPECIFIER : ExitStatus.OK;
  }

  private static boolean hasFailed(Shown probe) {
    ProbeHealth.Detached detached = probe.detached();
    return detached != null && detached.isFailure();
  }

  /**
   * Reads a probe. If it has been detached, or its libraries have changed, the command says so once
   * and goes on.
   */
  private ShownSnapshot read(ProbeHost host, Shown probe) throws IOException, ProbeException {
    boolean counted = probe.detached() == null;
    boolean whole = probe.paced() == null;
    LibraryState before = probe.libraries();
    ShownSnapshot shown = probe.read(host, display.cumulative(), null);
    String paced = probe.paced();
    if (paced != null && whole) {
      warn(probe, paced);
    }
    LibraryState now = probe.libraries();
    if (before.awaited() != null && now.awaited() == null) {
      Output.STDERR.complain(probe.specifier() + " waits no more: what it is for is mapped");
    } else if (now.awaited() != null && !now.awaited().equals(before.awaited())) {
      Output.STDERR.complain(probe.specifier() + " waits: " + now.awaited());
    }
    now.late().stream()
        .filter(sentence -> !before.late().contains(sentence))
        .forEach(sentence -> warn(probe, sentence));
    ProbeHealth.Detached detached = probe.detached();
    if (detached != null && counted) {
      String what =
          detached.cause() == ProbeHealth.Detached.Cause.FAILED ? " failed: " : " was detached: ";
      Output.STDERR.complain(probe.specifier() + what + detached.reason());
    }
    return shown;
  }

  private static void warn(Shown probe, String sentence) {
    Output.STDERR.complain("warning: " + probe.specifier() + ": " + sentence);
  }
}
