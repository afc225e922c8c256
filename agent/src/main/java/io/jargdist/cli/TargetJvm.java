/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.resolve.HotSpot;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks whether a process is a JVM that lets agents in, and says in one line why not. */
final class TargetJvm {
  /** The rest of a longer one is not looked at, in bytes. */
  private static final int LONGEST_COMMAND_LINE = 1 << 20;

  private TargetJvm() {}

  /**
   * @throws IOException if it cannot be reached; the message says what to do
   */
  static void check(long pid) throws IOException {
    exists(pid);
    int owner = ProcessStatus.of(Long.toString(pid)).effectiveUid();
    int self = ProcessStatus.of("self").effectiveUid();
    if (owner != self && self != 0) {
      throw new IOException(
          "process "
              + pid
              + " belongs to another user (uid "
              + owner
              + "): run as that user or as root");
    }
    try {
      if (!hasLibjvm(pid)) {
        throw new IOException("process " + pid + " is not a JVM: jargdist list shows them");
      }
    } catch (AccessDeniedException e) {
      throw new IOException("process " + pid + " may not be inspected: run as root", e);
    }
    if (refusesAgents(pid)) {
      throw disabled(pid);
    }
  }

  /** Asks the running JVM, since a flag can come from many places. */
  private static boolean refusesAgents(long pid) throws IOException {
    try (TargetLibraries libraries = new TargetLibraries(TargetProcess.of(pid));
        HotSpot jvm = HotSpot.of(libraries)) {
      Boolean disabled = jvm == null ? null : jvm.flags().isOn("DisableAttachMechanism");
      if (disabled != null) {
        return disabled;
      }
    } catch (IOException | MachineException e) {
      // Its memory may not be read, or it is another vendor's.
    }
    return commandLine(pid).contains("-XX:+DisableAttachMechanism");
  }

  /** Returns whether a process has mapped a library of this name. */
  static boolean hasLibjvm(long pid) throws IOException {
    boolean[] found = new boolean[1];
    KernelFile.forEachLine(
        Path.of("/proc", Long.toString(pid), "maps"),
        line -> found[0] |= line.endsWith("/libjvm.so") || line.endsWith("/libjvm.so (deleted)"));
    return found[0];
  }

  /**
   * Returns the words with which a process was started, as {@link KernelFile} reads them. It may
   * have written others there.
   */
  static List<String> commandLine(long pid) throws IOException {
    Path file = Path.of("/proc", Long.toString(pid), "cmdline");
    return List.of(KernelFile.text(file, LONGEST_COMMAND_LINE).split("\0"));
  }

  /**
   * @throws IOException if there is no such process; the message says what to do
   */
  static ProcessReference open(long pid) throws IOException {
    exists(pid);
    try {
      return ProcessReference.open(pid);
    } catch (IOException e) {
      if (e.getCause() instanceof KernelException cause && cause.errno() == KernelException.ESRCH) {
        throw noSuchProcess(pid);
      }
      throw e;
    }
  }

  /**
   * @throws IOException if there is no such process; the message says what to do
   */
  static void exists(long pid) throws IOException {
    if (!Files.exists(Path.of("/proc", Long.toString(pid)))) {
      throw noSuchProcess(pid);
    }
  }

  private static IOException noSuchProcess(long pid) {
    return new IOException("there is no process " + pid + ": jargdist list shows the JVMs");
  }

  /**
   * Judges what a JVM answers to the loading of an agent.
   *
   * @throws IOException if it has not been loaded
   */
  static void loaded(long pid, String answer) throws IOException {
    if (answer.startsWith("0\n") && answer.contains("return code: 0")) {
      return;
    }
    if (answer.contains("Dynamic agent loading is not enabled")) {
      throw disabled(pid);
    }
    String reason = answer.strip().replaceAll("\\s*\\n\\s*", " ");
    String remedy =
        answer.contains("libinstrument") || answer.contains("java.instrument")
            ? "its Java has no module java.instrument, so it cannot have agents"
            : "start it with -javaagent:jargdist.jar";
    throw new IOException(
        "cannot load the agent into process " + pid + " (" + reason + "): " + remedy);
  }

  private static IOException disabled(long pid) {
    return new IOException(
        "process "
            + pid
            + " does not let agents in (-XX:+DisableAttachMechanism or"
            + " -XX:-EnableDynamicAgentLoading): start it with -javaagent:jargdist.jar");
  }
}
