/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.ChildJvm;
import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/**
 * Lists the processes on this machine, except those that jargdist has started for itself. JVMs come
 * first. A process is a JVM if it has mapped a libjvm.
 */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the processes of this machine: number, user, command line. JVMs come first; below an"
          + " empty line are the others."
    },
    footer = {"", "Examples:", "  jargdist list"})
final class ListCommand implements Callable<Integer> {
  /**
   * How many characters of the command line of a process that is no JVM are shown. A longer one
   * would hide the other processes.
   */
  private static final int MOST_WORDS = 100;

  private static final String OWN_CHILD = "-D" + ChildJvm.CHILD_PROPERTY + "=";

  @Override
  public Integer call() {
    Map<Boolean, List<ProcessHandle>> all =
        ProcessHandle.allProcesses()
            .filter(process -> process.pid() != ProcessHandle.current().pid())
            .collect(Collectors.partitioningBy(process -> isJvm(process.pid())));
    all.getOrDefault(true, List.of()).forEach(process -> print(process, Integer.MAX_VALUE));
    Output.STDOUT.line("");
    all.getOrDefault(false, List.of()).forEach(process -> print(process, MOST_WORDS));
    return ExitStatus.OK;
  }

  private static void print(ProcessHandle process, int most) {
    List<String> commandLine = commandLine(process.pid());
    // The kernel's own threads have no command line.
    boolean program = !String.join("", commandLine).isEmpty();
    if (program && commandLine.stream().noneMatch(word -> word.startsWith(OWN_CHILD))) {
      String user = process.info().user().orElse("?");
      String words = KernelFile.readable(String.join(" ", commandLine)).strip();
      String shown = words.length() > most ? words.substring(0, most) + "..." : words;
      Output.STDOUT.line(process.pid() + " " + user + " " + shown);
    }
  }

  private static boolean isJvm(long pid) {
    try {
      return TargetJvm.hasLibjvm(pid);
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> commandLine(long pid) {
    try {
      return TargetJvm.commandLine(pid);
    } catch (IOException e) {
      return List.of();
    }
  }
}
