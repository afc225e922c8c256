/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.cli.ProbeArguments.Requested;
import io.jargdist.specifier.Similar;
import io.jargdist.text.IoFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command with argdist's options. The commands that argdist does not have are in files of their
 * own.
 */
@Command(
    name = "jargdist",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    subcommands = {
      ListCommand.class,
      ProbesCommand.class,
      CheckCommand.class,
      AttachCommand.class,
      ShowCommand.class,
      DetachCommand.class,
      PlacementCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    description = "Shows the distribution of values in a running JVM, or in any other process.",
    footer = {
      "",
      "A specifier is {p,r,t,u}:LIBRARY:FUNCTION(SIGNATURE)[:TYPE:EXPRESSION[:FILTER]][#LABEL].",
      "Examples:",
      "  jargdist -p 4711 -H 'r:c:read():int:$retval#read sizes'",
      "  jargdist -p 4711 -C 'p:c:write(int fd):int:fd' -i 5",
      "  jargdist -p 4711 -H 'r:c:fsync():u64:$latency/1000#fsync us'",
      "  jargdist -p 4711 -C 'u:jvm:gc__begin()#collections'",
      "  jargdist list"
    })
public final class JargdistCommand implements Callable<Integer> {
  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "the process to look at")
  private @Nullable Long pid;

  /** These are any texts, since the first one may be a misspelt command. */
  @Parameters(
      paramLabel = "[PID]",
      arity = "0..*",
      hideParamSyntax = true,
      description = "the same as -p PID")
  private List<String> words = new ArrayList<>();

  @Spec private @Nullable CommandSpec spec;

  @Mixin private CommandSpec probeOptions = ProbeArguments.options();

  @Mixin private DisplayArguments display = new DisplayArguments();

  @Option(
      names = "--publish",
      description = "shows the probes as MBeans of the JVM, too, while this command runs")
  private boolean publish;

  @Option(
      names = "--no-agent",
      description = "loads no agent into the JVM, whatever the options ask for")
  private boolean noAgent;

  @Option(
      names = {"-v", "--verbose"},
      description = "prints the generated program before it is attached")
  private boolean verbose;

  @Option(names = "--ebpf", description = "prints the generated program and ends")
  private boolean ebpf;

  /** Runs the command line; returns the exit status. */
  public static int run(String[] arguments) {
    Rehearsal.start(arguments);
    CommandLine commandLine = new CommandLine(new JargdistCommand());
    commandLine.setParameterExceptionHandler(
        (exception, args) -> {
          String command = exception.getCommandLine().getCommandName();
          boolean misplaced =
              exception.getCommandLine() != commandLine && !arguments[0].equals(command);
          Output.STDERR.complain(
              (misplaced
                      ? notTheFirstWord(arguments[0], command)
                      : exception.getMessage() + nearestOption(exception))
                  + " (try --help)");
          return ExitStatus.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (exception, command, result) -> {
          Output.STDERR.complain(
              exception instanceof RuntimeException
                  ? "a defect: " + exception
                  : IoFailure.sentence(exception));
          return ExitStatus.of(exception);
        });
    commandLine.setAllowOptionsAsOptionParameters(false);
    commandLine.setExecutionStrategy(JargdistCommand::runOne);
    int status = commandLine.execute(arguments);
    try {
      Output.STDOUT.check();
      return status;
    } catch (ClosedOutputException e) {
      if (status == ExitStatus.OK) {
        Output.STDERR.complain(e.getMessage());
        return ExitStatus.of(e);
      }
      return status;
    }
  }

  /** Runs a command, which must be the first word, since words before it would have no meaning. */
  private static int runOne(ParseResult parsed) {
    if (parsed.hasSubcommand() && !parsed.matchedArgs().isEmpty()) {
      String word = parsed.originalArgs().get(0);
      String command = parsed.subcommand().commandSpec().name();
      throw new ParameterException(
          parsed.commandSpec().commandLine(), notTheFirstWord(word, command));
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static String notTheFirstWord(String word, String command) {
    return word + " stands before the command " + command + ", which must be the first word";
  }

  private static String nearestOption(ParameterException exception) {
    List<String> near =
        exception instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return near.isEmpty() ? "" : ": did you mean " + near.get(0) + "?";
  }

  @Override
  public Integer call() throws Exception {
    ProbeArguments probes = new ProbeArguments(probeOptions);
    long process = target();
    List<Requested> requested = probes.requested();
    Display shown = display.display();
    return WhileItRuns.call(
        process,
        target ->
            ebpf
                ? CheckCommand.check(process, requested, probes.options(process), true)
                : new Session(target, requested, probes.options(process), shown, agentUse())
                    .run(verbose));
  }

  private AgentUse agentUse() throws UsageException {
    if (publish && noAgent) {
      throw new UsageException("--publish needs the agent, and --no-agent loads none: give one");
    }
    return noAgent ? AgentUse.NONE : publish ? AgentUse.TO_PUBLISH : AgentUse.TO_COUNT;
  }

  private long target() throws UsageException {
    if (pid == null && words.isEmpty()) {
      throw new UsageException("which process? give -p PID (jargdist list shows them)");
    } else if (!words.isEmpty() && !words.get(0).matches("\\d{1,18}")) {
      throw unknownCommand(words.get(0));
    } else if (words.size() + (pid == null ? 0 : 1) > 1) {
      throw new UsageException("one process at a time: give one PID");
    }
    return pid == null ? Long.parseLong(words.get(0)) : pid;
  }

  private UsageException unknownCommand(String word) {
    Set<String> commands = spec == null ? Set.of() : spec.subcommands().keySet();
    List<String> near = Similar.nearest(word, commands, 1);
    return new UsageException(
        word
            + " is neither a command nor a process's number: "
            + (near.isEmpty()
                ? "commands are " + String.join(", ", commands)
                : "did you mean " + near.get(0) + "?"));
  }
}
