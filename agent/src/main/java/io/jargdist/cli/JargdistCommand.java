/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.specifier.Form;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** argdist's options, and the commands that argdist does not have. */
@Command(
    name = "jargdist",
    mixinStandardHelpOptions = true,
    version = "jargdist 0.1.0",
    sortOptions = false,
    description = "Shows the distribution of values in a running JVM.",
    footer = {
      "",
      "A specifier is {p,r,t,u}:LIBRARY:FUNCTION(SIGNATURE)[:TYPE:EXPRESSION[:FILTER]][#LABEL].",
      "Examples:",
      "  jargdist -p 4711 -H 'r:c:read():int:$retval#read sizes'",
      "  jargdist -p 4711 -C 'p:c:write(int fd):int:fd' -i 5",
      "  jargdist -p 4711 -H 'r:jvm:JVM_MonitorWait():u64:$latency/1000#wait us'",
      "  jargdist -p 4711 -C 'u:jvm:gc__begin()#collections'",
      "  jargdist list"
    })
public final class JargdistCommand implements Callable<Integer> {
  static final int OK = 0;
  static final int SPECIFIER = 1;
  static final int USAGE = 2;
  static final int UNREACHABLE = 3;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "the JVM to look at")
  private @Nullable Long pid;

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
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "time between two prints (default: 1)")
  private int interval;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "SECONDS",
      description = "ends after this time")
  private @Nullable Integer duration;

  @Option(
      names = {"-n", "--number"},
      paramLabel = "N",
      description = "ends after this many prints")
  private @Nullable Integer number;

  @Option(
      names = {"-c", "--cumulative"},
      description = "shows everything since the start, not just the last interval")
  private boolean cumulative;

  @Option(
      names = {"-T", "--top"},
      paramLabel = "N",
      description = "shows only the N most frequent rows of each frequency table")
  private @Nullable Integer top;

  @Option(
      names = {"-z", "--string-size"},
      paramLabel = "BYTES",
      defaultValue = "80",
      description = "bytes read of each char* (default: 80)")
  private int stringSize;

  @Option(
      names = {"-t", "--tid"},
      paramLabel = "TID",
      description = "counts only this thread's events")
  private @Nullable Integer tid;

  @Option(
      names = {"-v", "--verbose"},
      description = "prints the generated program before it is attached")
  private boolean verbose;

  @Option(names = "--ebpf", description = "prints the generated program and ends")
  private boolean ebpf;

  @Parameters(paramLabel = "PID", arity = "0..1", description = "the same as -p PID")
  private @Nullable Long pidParameter;

  /** Runs the command line; answers the exit status. */
  public static int run(String[] arguments) {
    CommandLine commandLine = new CommandLine(new JargdistCommand());
    commandLine.setParameterExceptionHandler(
        (exception, args) -> {
          PrintWriter err = exception.getCommandLine().getErr();
          err.println("jargdist: " + exception.getMessage() + " (try --help)");
          return USAGE;
        });
    return commandLine.execute(arguments);
  }

  @Command(name = "list", description = "Lists the JVMs of this machine.")
  int list() {
    JvmList.print(System.out);
    return OK;
  }

  @Override
  public Integer call() {
    Long target = pid != null ? pid : pidParameter;
    if (target == null || (histograms.isEmpty() && counts.isEmpty())) {
      String missing =
          target == null
              ? "which JVM? give -p PID (jargdist list shows them)"
              : "at least one specifier is required: -H SPECIFIER or -C SPECIFIER";
      System.err.println("jargdist: " + missing + " (try --help)");
      return USAGE;
    }
    if (interval < 1 || stringSize < 1) {
      System.err.println("jargdist: -i and -z take positive numbers");
      return USAGE;
    }
    // argdist shows all frequency tables first, whatever the order on the command line.
    List<Session.Requested> requested = new ArrayList<>();
    counts.forEach(text -> requested.add(new Session.Requested(Form.FREQUENCY, text)));
    histograms.forEach(text -> requested.add(new Session.Requested(Form.HISTOGRAM, text)));
    int prints = number == null ? Integer.MAX_VALUE : number;
    if (duration != null) {
      prints = Math.min(prints, Math.max(1, (duration + interval - 1) / interval));
    }
    ProbeOptions options = new ProbeOptions(stringSize, ProbeOptions.DEFAULT.tableEntries(), tid);
    Session.Display display = new Session.Display(interval, prints, cumulative, top);
    return new Session(target, requested, options, display).run(verbose, ebpf);
  }
}
