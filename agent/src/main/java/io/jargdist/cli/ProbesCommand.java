/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Demangler;
import io.jargdist.resolve.ProbeGlob;
import io.jargdist.resolve.ProbeList;
import io.jargdist.resolve.TargetProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists what can be probed. */
@Command(
    name = "probes",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists what can be probed in a JVM: functions of its libraries, USDT probes with the types of"
          + " their arguments, tracepoints with their fields. Without a GLOB: how many each library"
          + " and each category has.",
      "(r: by return instructions) marks functions whose return addresses are not replaced. The"
          + " command check tells whether all of their return instructions are known."
    },
    footer = {
      "",
      "Examples:",
      "  jargdist probes 4711",
      "  jargdist probes 4711 'c:rea*'",
      "  jargdist probes 4711 'jvm:G1CollectedHeap::*'",
      "  jargdist probes 4711 'r:jvm:*'",
      "  jargdist probes 4711 'u:jvm:gc*'",
      "  jargdist probes 4711 't:syscalls:sys_enter_*'",
      "  jargdist probes 4711 'p::vfs_*'"
    })
final class ProbesCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "PID", description = "the JVM")
  private long pid;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "GLOB",
      description =
          "the beginning of a specifier, with * for anything and ? for one character; without p:, r:,"
              + " t: or u:, all kinds")
  private @Nullable String glob;

  @Override
  public Integer call() throws Exception {
    ProbeGlob wanted = glob == null ? null : glob(glob);
    return WhileItRuns.call(pid, target -> list(wanted));
  }

  /** The end of the output says what cannot be listed, so that it is not overlooked. */
  private int list(@Nullable ProbeGlob wanted) throws Exception {
    List<String> left = new ArrayList<>();
    Output out = Output.STDOUT;
    AtomicInteger count = new AtomicInteger();
    try (Progress progress = Progress.start()) {
      progress.step("reading the libraries of process " + pid);
      ProbeList list = new ProbeList(TargetProcess.of(pid), new Demangler()::demangle);
      ProbeList.Rows rows =
          new ProbeList.Rows() {
            @Override
            public void row(String probe, String detail) throws IOException {
              progress.clear();
              out.line(detail.isEmpty() ? probe : probe + "  " + detail);
              if (count.getAndIncrement() == 0) {
                out.check();
              }
            }

            @Override
            public void notRead(String why) {
              left.add(why);
            }
          };
      if (wanted == null) {
        list.summary(rows);
      } else {
        list.list(wanted, rows);
      }
    }
    out.check();
    left.forEach(Output.STDERR::complain);
    if (wanted != null && count.get() == 0) {
      throw new UsageException("nothing here matches " + glob + ": jargdist probes " + pid);
    }
    return ExitStatus.OK;
  }

  private static ProbeGlob glob(String text) throws UsageException {
    try {
      return ProbeGlob.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
