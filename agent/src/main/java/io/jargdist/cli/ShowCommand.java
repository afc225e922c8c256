/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.wire.Client;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.RemoteHost;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what all probes of a JVM have counted. It changes nothing. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what the probes of a JVM have counted, however they were added, and changes nothing."
          + " Without names: all of them. Without -i, -d and -n: once.",
      "The first print has everything since a probe was added, each later one what happened since the"
          + " one before, unless -c is given."
    },
    footer = {
      "",
      "Examples:",
      "  jargdist show 4711",
      "  jargdist show 4711 reads -i 5 --stats",
      "  jargdist show 4711 --json"
    })
final class ShowCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "PID", description = "the JVM")
  private long pid;

  @Parameters(
      index = "1..*",
      paramLabel = "NAME",
      description = "what stands after name= in the name of the probe's MBean, or its label")
  private List<String> names = new ArrayList<>();

  @Mixin private DisplayArguments display = new DisplayArguments();

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<Integer, Shown> known = new HashMap<>();

  @Override
  public Integer call() throws Exception {
    Display shown = display.displayOnce();
    return WhileItRuns.call(pid, target -> show(shown));
  }

  private int show(Display shown) throws Exception {
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      try {
        progress.step("asking process " + pid);
        Client agent = AgentConnection.openLoaded(pid, ending, closed::countDown);
        progress.clear();
        print(agent, shown);
      } catch (IOException | ProbeException e) {
        if (!ending.isSignalled()) {
          throw e;
        }
      } catch (InterruptedException e) {
        // A signal ends it.
      }
    }
    return ExitStatus.OK;
  }

  private void print(Client agent, Display shown)
      throws IOException, ProbeException, InterruptedException {
    Printer printer = Printer.of(shown);
    ProbeHost host = RemoteHost.of(agent, Patience.WITH_AGENT);
    long next = System.nanoTime();
    for (int i = 0; i < shown.prints(); i++) {
      if (closed.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw AgentConnection.closed(pid);
      }
      next += TimeUnit.SECONDS.toNanos(shown.intervalSeconds());
      ZonedDateTime time = ZonedDateTime.now(ZoneId.systemDefault());
      List<ShownSnapshot> snapshots = new ArrayList<>();
      for (Message.Found found : found(agent)) {
        Shown probe =
            known.computeIfAbsent(
                found.probe().probe(),
                number -> new Shown(found.probe(), found.specifier(), false));
        snapshots.add(probe.read(host, shown.cumulative(), found.state()));
      }
      if (snapshots.isEmpty() && shown.prints() == 1 && !shown.json()) {
        Output.STDOUT.line("no probes").check();
      } else {
        printer.print(time, snapshots);
      }
    }
  }

  /** Returns the probes that were asked for, in the order in which they were added. */
  private List<Message.Found> found(Client agent) throws IOException, ProbeException {
    String all =
        agent.call(new Message.Names(), Message.Text.class, Patience.WITH_AGENT.answer()).text();
    List<String> there = all.isEmpty() ? List.of() : List.of(all.split("\n"));
    List<Message.Found> found = new ArrayList<>();
    List<String> missing = new ArrayList<>(names);
    for (String name : there) {
      Message.Found probe;
      try {
        probe =
            agent.call(new Message.Find(name), Message.Found.class, Patience.WITH_AGENT.answer());
      } catch (ProbeException e) {
        // It was removed meanwhile.
        continue;
      }
      String label = probe.probe().label();
      if (names.isEmpty() || names.contains(name) || names.contains(label)) {
        found.add(probe);
        missing.removeAll(List.of(name, label));
      }
    }
    if (!missing.isEmpty()) {
      throw new ProbeException(
          Failure.Kind.SPECIFIER,
          "there is no probe \""
              + missing.get(0)
              + "\"; "
              + (there.isEmpty() ? "there are none" : "there are: " + String.join(", ", there)));
    }
    return found;
  }
}
