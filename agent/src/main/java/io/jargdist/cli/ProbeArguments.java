/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.protocol.Limits;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Includes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to count: the specifiers, and what can be said of all of them. Part of several commands. */
final class ProbeArguments {
  @Option(
      names = {"-H", "--histogram"},
      paramLabel = "SPECIFIER",
      description = "adds a histogram; can be repeated")
  private List<String> histograms = new ArrayList<>();

  @Option(
      names = {"-C", "--count"},
      paramLabel = "SPECIFIER",
      description = "adds a frequency table; can be repeated")
  private List<String> counts = new ArrayList<>();

  @Option(
      names = {"-z", "--string-size"},
      paramLabel = "BYTES",
      defaultValue = "80",
      description = "bytes read of each char* (default: 80)")
  private int stringSize;

  @Option(
      names = "--buckets",
      paramLabel = "SCHEME",
      defaultValue = "log2",
      description =
          "buckets of histograms: " + BucketScheme.SYNTAX + ", for example log2/3 (default: log2)")
  private String buckets = "log2";

  @Option(
      names = {"-t", "--tid"},
      paramLabel = "TID",
      description = "counts only this thread's events")
  private @Nullable Integer tid;

  @Option(
      names = {"-I", "--include"},
      paramLabel = "HEADER",
      description =
          "a header whose types and constants the specifiers use; all of them are known without it")
  private List<String> includes = new ArrayList<>();

  @Option(
      names = "--table-entries",
      paramLabel = "N",
      defaultValue = "10240",
      description = "distinct keys that a frequency table holds (default: 10240)")
  private int tableEntries;

  @Option(
      names = "--call-entries",
      paramLabel = "N",
      defaultValue = "10240",
      description = "threads that a return probe can follow (default: 10240)")
  private int callEntries;

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      defaultValue = "process",
      description =
          "process, or system to count other processes, too; a JVM's own bridge must be"
              + " allowed to (default: process)")
  private String scope = "process";

  @Option(
      names = "--no-placement",
      description =
          "probes functions at their first instruction, even where a later one costs less and"
              + " sees the same")
  private boolean atEntry;

  @Option(
      names = "--count-jargdist",
      description = "counts the events of jargdist's own threads in the process, too")
  private boolean ownThreads;

  @Option(
      names = "--max-overhead",
      paramLabel = "PERCENT",
      defaultValue = "5",
      description =
          "detaches a probe that costs more of one CPU for 3 s; 0 for no limit (default: 5)")
  private String maxOverhead = "5";

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description = "detaches each probe after this time, such as 30s, 10m or 1h30m")
  private @Nullable String ttl;

  record Requested(Form form, String specifier) {}

  boolean hasAny() {
    return !histograms.isEmpty() || !counts.isEmpty();
  }

  /**
   * At least one: argdist shows all frequency tables first, whatever the order on the command line.
   */
  List<Requested> requested() throws UsageException {
    List<Requested> requested = new ArrayList<>();
    counts.forEach(text -> requested.add(new Requested(Form.FREQUENCY, text)));
    histograms.forEach(text -> requested.add(new Requested(Form.HISTOGRAM, text)));
    if (requested.isEmpty()) {
      throw new UsageException("at least one specifier is required: -H SPECIFIER or -C SPECIFIER");
    }
    return requested;
  }

  /**
   * @param pid the JVM to look at
   * @throws MachineException if it has no thread of the number given
   */
  ProbeOptions options(long pid) throws UsageException, MachineException {
    for (String include : includes) {
      try {
        Includes.check(include);
      } catch (IllegalArgumentException e) {
        throw new UsageException(String.valueOf(e.getMessage()));
      }
    }
    if (!scope.equals("process") && !scope.equals("system")) {
      throw new UsageException("--scope takes process or system, not " + scope);
    }
    Integer thread = tid == null ? null : TargetProcess.ownNumber(pid, tid);
    try {
      return new ProbeOptions(
          stringSize,
          tableEntries,
          callEntries,
          scheme(),
          thread,
          scope.equals("system"),
          !atEntry,
          ownThreads,
          limits());
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private Limits limits() throws UsageException {
    try {
      return new Limits(Limits.percent(maxOverhead), ttl == null ? null : Limits.duration(ttl));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private BucketScheme scheme() throws UsageException {
    try {
      return BucketScheme.parse(buckets);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--buckets: " + e.getMessage());
    }
  }
}
