/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.BridgeOwner;
import io.jargdist.bridge.Checked;
import io.jargdist.bridge.LocalBridge;
import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Everything but the attaching, without touching the JVM. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Parses, generates, compiles and places probes, and shows them to the kernel's verifier."
          + " Attaches nothing. All specifiers are checked, also if one is wrong.",
    },
    footer = {
      "",
      "Examples:",
      "  jargdist check 'r:c:read():int:$retval' 't:sched:sched_switch()'",
      "  jargdist check -p 4711 -H 'p:jvm:JVM_Sleep(void *env, void *c, u64 ms):u64:ms'",
      "  jargdist check --ebpf 'r:c:fsync():u64:$latency'"
    })
final class CheckCommand implements Callable<Integer> {
  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "the JVM whose libraries are meant (default: the one that runs this command)")
  private @Nullable Long pid;

  @Parameters(
      paramLabel = "[PID] [SPECIFIER...]",
      arity = "0..*",
      hideParamSyntax = true,
      description = "the same as -p PID and -C SPECIFIER")
  private List<String> specifiers = new ArrayList<>();

  @Mixin private CommandSpec probeOptions = ProbeArguments.options();

  @Option(names = "--ebpf", description = "prints the generated programs, too")
  private boolean ebpf;

  @Override
  public Integer call() throws Exception {
    ProbeArguments probes = new ProbeArguments(probeOptions);
    if (!specifiers.isEmpty() && specifiers.get(0).matches("\\d{1,18}")) {
      if (pid != null) {
        throw new UsageException("one process at a time: give one PID");
      }
      pid = Long.parseLong(specifiers.get(0));
      specifiers = specifiers.subList(1, specifiers.size());
    }
    List<Requested> requested = new ArrayList<>();
    specifiers.forEach(text -> requested.add(new Requested(Form.FREQUENCY, text)));
    if (requested.isEmpty() || probes.hasAny()) {
      requested.addAll(probes.requested());
    }
    long target = pid == null ? ProcessHandle.current().pid() : pid;
    return WhileItRuns.call(
        target, process -> check(target, requested, probes.options(target), ebpf));
  }

  /**
   * Checks all, and complains of each that is wrong.
   *
   * @return the exit status
   */
  static int check(long pid, List<Requested> requested, ProbeOptions options, boolean programs)
      throws IOException {
    int status = ExitStatus.OK;
    try (Ending ending = new Ending();
        Progress progress = Progress.start()) {
      LocalBridge bridge =
          ending.owns(new LocalBridge(BridgeOwner.COMMAND_LINE, pid, Output.STDERR::complain));
      for (Requested each : requested) {
        progress.step("checking " + each.specifier());
        try {
          Checked checked =
              bridge.checked(new Message.Check(each.form(), each.specifier(), options));
          progress.clear();
          Output.STDOUT.lines(programs ? checked.text() : checked.summary()).check();
        } catch (ProbeException e) {
          progress.clear();
          Output.STDERR.complain(e.getMessage());
          status = Math.max(status, ExitStatus.of(e));
        }
      }
    }
    return status;
  }
}
