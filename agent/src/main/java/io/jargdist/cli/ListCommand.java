/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.ChildJvm;
import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * The JVMs that run on this machine: processes that have mapped a libjvm, but for those that
 * jargdist has started for itself.
 */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the JVMs of this machine: process, user, command line.",
    footer = {"", "Examples:", "  jargdist list"})
final class ListCommand implements Callable<Integer> {
  private static final String OWN_CHILD = "-D" + ChildJvm.CHILD_PROPERTY + "=";

  @Override
  public Integer call() {
    ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid() && isJvm(process.pid()))
        .forEach(ListCommand::print);
    return ExitStatus.OK;
  }

  private static void print(ProcessHandle process) {
    List<String> commandLine = commandLine(process.pid());
    if (commandLine.stream().noneMatch(word -> word.startsWith(OWN_CHILD))) {
      String user = process.info().user().orElse("?");
      String words = KernelFile.readable(String.join(" ", commandLine)).strip();
      Output.STDOUT.line(process.pid() + " " + user + " " + words);
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
