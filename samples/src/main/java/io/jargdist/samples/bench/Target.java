/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.jargdist.samples.calls.KnownCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** A JVM with a small heap that makes calls when it is told. Closing this ends it. */
public final class Target implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private Target(Process process) {
    this.process = process;
    this.answers = process.inputReader();
  }

  /**
   * Starts one and waits until its main runs.
   *
   * @param cache where jargdist keeps what it keeps on disk; empty: it has never run before
   */
  public static Target start(ScratchFolder cache, List<String> options) throws IOException {
    List<String> all = Stream.concat(Stream.of("-Xmx64m"), options.stream()).toList();
    ProcessBuilder command = Java.command(all, KnownCalls.class);
    command.environment().put("XDG_CACHE_HOME", cache.path().toString());
    Process process = command.start();
    Target target = new Target(process);
    if (!"ready".equals(target.answers.readLine())) {
      process.destroyForcibly();
      throw new IOException(command.command() + " did not start");
    }
    return target;
  }

  /**
   * Lets it make calls and returns when it has.
   *
   * @param command one that {@link KnownCalls} understands
   */
  public void run(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (!"done".equals(answer)) {
      throw new IOException(command + ": " + answer);
    }
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  String pid() {
    return Long.toString(process.pid());
  }

  double residentMebibytes() throws IOException {
    return residentMebibytes(process.toHandle());
  }

  /** Returns the memory of all its descendants. */
  double residentMebibytesOfDescendants() throws IOException {
    double sum = 0;
    for (ProcessHandle descendant : process.descendants().toList()) {
      sum += residentMebibytes(descendant);
    }
    return sum;
  }

  private static double residentMebibytes(ProcessHandle process) throws IOException {
    return ProcessFiles.residentMebibytes(process.pid());
  }

  /** It, and the processes that it started, and those that they started. */
  List<ProcessHandle> all() {
    return Stream.concat(Stream.of(handle()), process.descendants()).toList();
  }

  /** Returns where it has mapped the library. */
  String libraryPath(String fileName) throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc", pid(), "maps"))) {
      return maps.filter(line -> line.endsWith("/" + fileName))
          .map(line -> line.substring(line.indexOf('/')))
          .findFirst()
          .orElseThrow(() -> new IOException("JVM " + pid() + " has not mapped " + fileName));
    }
  }

  /** Connects by pid, as JConsole does. */
  @SuppressWarnings("BanJNDI") // The URL comes from the JVM that this object started.
  JMXConnector connect() throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(pid());
      try {
        return JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("attaching to JVM " + pid(), e);
    }
  }

  /** Returns when it and all that it started have ended. */
  @Override
  public void close() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    process.onExit().join();
    descendants.forEach(descendant -> descendant.onExit().join());
  }
}
