/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.jmx.ProbeNames;
import io.jargdist.wire.Client;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.RemoteHost.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** Probes that stay in the JVM. */
@Command(
    name = "attach",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Adds probes to a JVM and leaves them running, as MBeans: all of them, or none if one is"
          + " refused. Prints the names of the MBeans.",
      "The JVM runs them by a bridge of its own, so it needs the privilege itself."
    },
    footer = {
      "",
      "Examples:",
      "  jargdist attach 4711 -H 'r:c:read():int:$retval#reads' -C 'u:jvm:gc__begin()#gcs'",
      "  jargdist detach 4711 reads"
    })
final class AttachCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "PID", description = "the JVM")
  private long pid;

  @Mixin private CommandSpec probeOptions = ProbeArguments.options();

  @Override
  public Integer call() throws Exception {
    ProbeArguments probes = new ProbeArguments(probeOptions);
    List<Requested> requested = probes.requested();
    return WhileItRuns.call(pid, target -> attach(requested, probes.options(pid)));
  }

  private int attach(List<Requested> requested, ProbeOptions options) throws Exception {
    List<String> names = new ArrayList<>();
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      progress.step("loading the agent into process " + pid);
      Client agent = AgentConnection.open(pid, ending, () -> {});
      List<Message.Outlive> outliving = new ArrayList<>();
      WarningPrinter warnings = new WarningPrinter(progress);
      List<Message.Attach> requests =
          requested.stream()
              .map(
                  each -> new Message.Attach(each.form(), each.specifier(), options, Session.GROUP))
              .toList();
      if (requests.size() > 1) {
        // The first answer waits for the bridge to start.
        for (Message.Attach each : requests) {
          agent.call(new Message.Expect(each), Message.Done.class, Patience.WITH_AGENT.attach());
        }
      }
      for (Message.Attach each : requests) {
        progress.step("attaching " + each.specifier());
        Message.Attached attached =
            agent.call(each, Message.Attached.class, Patience.WITH_AGENT.attach());
        warnings.print(attached);
        outliving.add(new Message.Outlive(attached.probe()));
        names.add(ProbeNames.ofMBean(each.form(), attached.name()));
      }
      agent.call(
          new Message.Start(Session.GROUP), Message.Started.class, Patience.WITH_AGENT.answer());
      for (Message.Outlive outlive : outliving) {
        agent.call(outlive, Message.Done.class, Patience.WITH_AGENT.answer());
      }
    }
    names.forEach(Output.STDOUT::line);
    return ExitStatus.OK;
  }
}
