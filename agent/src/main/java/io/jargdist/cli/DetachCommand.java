/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.wire.Client;
import io.jargdist.wire.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes any probes of the JVM. */
@Command(
    name = "detach",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Removes probes from a JVM, however they were added, and prints their names. Without names:"
          + " all of them, and the bridge that the JVM has started for them."
    },
    footer = {"", "Examples:", "  jargdist detach 4711 reads gcs", "  jargdist detach 4711"})
final class DetachCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "PID", description = "the JVM")
  private long pid;

  @Parameters(
      index = "1..*",
      paramLabel = "NAME",
      description = "what stands after name= in the name of the probe's MBean")
  private List<String> names = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    return WhileItRuns.call(pid, target -> detach());
  }

  private int detach() throws Exception {
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      progress.step("asking process " + pid);
      Client agent = AgentConnection.open(pid, ending, () -> {});
      Message.Text removed =
          agent.call(new Message.Remove(names), Message.Text.class, AgentConnection.DETACH_TIMEOUT);
      progress.clear();
      Output.STDOUT.lines(removed.text().isEmpty() ? "no probes" : removed.text());
    }
    return ExitStatus.OK;
  }
}
