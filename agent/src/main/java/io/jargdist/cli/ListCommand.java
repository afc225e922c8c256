/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @Override
  public Integer call() {
    ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid() && isJvm(process.pid()))
        .forEach(ListCommand::print);
    return ExitStatus.OK;
  }

  private static void print(ProcessHandle process) {
    String commandLine = commandLine(process.pid());
    if (!commandLine.contains(" -D" + ChildJvm.CHILD_PROPERTY + "=")) {
      String user = process.info().user().orElse("?");
      Output.STDOUT.line(process.pid() + " " + user + " " + commandLine);
    }
  }

  private static boolean isJvm(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "maps")).contains("/libjvm.so");
    } catch (IOException e) {
      return false;
    }
  }

  private static String commandLine(long pid) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
      return line.replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }
}
