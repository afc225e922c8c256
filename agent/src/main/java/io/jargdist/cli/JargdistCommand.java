/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** argdist's options; the commands that argdist does not have are in files of their own. */
@Command(
    name = "jargdist",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    subcommands = {ListCommand.class, PlacementCommand.class},
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
  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "the JVM to look at")
  private @Nullable Long pid;

  @Parameters(paramLabel = "PID", arity = "0..1", description = "the same as -p PID")
  private @Nullable Long pidParameter;

  @Mixin private ProbeArguments probes = new ProbeArguments();

  @Mixin private DisplayArguments display = new DisplayArguments();

  @Option(
      names = {"-v", "--verbose"},
      description = "prints the generated program before it is attached")
  private boolean verbose;

  @Option(names = "--ebpf", description = "prints the generated program and ends")
  private boolean ebpf;

  /** Of a library: it warns when it does not come from the system class loader. */
  private static final Logger NEEDLESS_WARNINGS =
      Logger.getLogger("jnr.ffi.util.ref.FinalizableReferenceQueue");

  /** Runs the command line; answers the exit status. */
  public static int run(String[] arguments) {
    NEEDLESS_WARNINGS.setLevel(Level.OFF);
    CommandLine commandLine = new CommandLine(new JargdistCommand());
    commandLine.setParameterExceptionHandler(
        (exception, args) -> {
          complain(exception.getMessage() + " (try --help)");
          return ExitStatus.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (exception, command, result) -> {
          complain(
              exception instanceof RuntimeException
                  ? "a defect: " + exception
                  : exception.getMessage());
          return ExitStatus.of(exception);
        });
    return commandLine.execute(arguments);
  }

  static void complain(@Nullable String message) {
    System.err.println("jargdist: " + message);
  }

  @Override
  public Integer call() throws Exception {
    Long target = pid != null ? pid : pidParameter;
    if (target == null) {
      throw new UsageException("which JVM? give -p PID (jargdist list shows them)");
    }
    return new Session(target, probes.requested(), probes.options(target), display.display())
        .run(verbose, ebpf);
  }
}
