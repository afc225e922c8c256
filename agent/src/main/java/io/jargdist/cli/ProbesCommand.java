/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Demangler;
import io.jargdist.resolve.ProbeGlob;
import io.jargdist.resolve.ProbeList;
import io.jargdist.resolve.TargetProcess;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What can be probed. */
@Command(
    name = "probes",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists what can be probed in a JVM: functions of its libraries, USDT probes with the types of"
          + " their arguments, tracepoints with their fields. Without a GLOB: how many each library"
          + " and each category has.",
      "(no r:) marks functions that cannot be probed at their return."
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
  private static final int BUFFER = 1 << 16;

  @Parameters(index = "0", paramLabel = "PID", description = "the JVM")
  private long pid;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "GLOB",
      description = "the beginning of a specifier, with * for anything and ? for one character")
  private @Nullable String glob;

  @Override
  public Integer call() throws Exception {
    ProbeGlob wanted = glob == null ? null : glob(glob);
    TargetJvm.exists(pid);
    Output out = new Output();
    try (Progress progress = Progress.start()) {
      progress.step("reading the libraries of process " + pid);
      ProbeList list = new ProbeList(TargetProcess.of(pid), new Demangler()::demangle);
      ProbeList.Rows rows =
          new ProbeList.Rows() {
            @Override
            public void row(String probe, String detail) throws IOException {
              progress.clear();
              out.row(probe, detail);
            }

            @Override
            public void notRead(String why) {
              progress.clear();
              JargdistCommand.complain(why);
            }
          };
      if (wanted == null) {
        list.summary(rows);
      } else {
        list.list(wanted, rows);
      }
    }
    out.end();
    if (wanted != null && out.count == 0) {
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

  /** With a larger buffer than System.out has: there may be 100,000 rows. */
  private static final class Output {
    private final PrintStream out =
        new PrintStream(
            new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
            false,
            StandardCharsets.UTF_8);
    int count;

    void row(String probe, String detail) throws ClosedOutputException {
      out.print(detail.isEmpty() ? probe + "\n" : probe + "  " + detail + "\n");
      if (count++ == 0) {
        ClosedOutputException.check(out);
      }
    }

    void end() throws ClosedOutputException {
      ClosedOutputException.check(out);
    }
  }
}
