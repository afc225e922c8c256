/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JVMs that run on this machine: processes that have mapped a libjvm. */
final class JvmList {
  private JvmList() {}

  static void print(PrintStream out) {
    ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid() && isJvm(process.pid()))
        .forEach(
            process ->
                out.println(
                    process.pid()
                        + " "
                        + process.info().user().orElse("?")
                        + " "
                        + commandLine(process.pid())));
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
