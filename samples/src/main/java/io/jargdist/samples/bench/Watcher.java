/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/** Another tool that probes a target until this is closed; closing waits for its end. */
final class Watcher implements AutoCloseable {
  private final Process process;
  private final String firstWords;
  private volatile long lines;

  private Watcher(Process process, String firstWords) {
    this.process = process;
    this.firstWords = firstWords;
  }

  /** Returns when the tool has printed a line that begins so. */
  static Watcher start(String firstWords, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONUNBUFFERED", "1");
    Process process = builder.start();
    BufferedReader output = process.inputReader();
    String last = "";
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(firstWords)) {
        Watcher watcher = new Watcher(process, firstWords);
        Thread drain = new Thread(() -> watcher.drain(output), "drain");
        drain.setDaemon(true);
        drain.start();
        return watcher;
      }
      last = line.isBlank() ? last : line;
    }
    process.destroy();
    process.onExit().join();
    throw new IOException(command.get(0) + ": " + last);
  }

  /** Reads to the end, or until the process is closed. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread counts.
  private void drain(BufferedReader output) {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith(firstWords)) {
          lines++;
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  /**
   * @throws IOException if the tool has ended meanwhile
   */
  void requireRunning() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("ended with " + process.exitValue());
    }
  }

  /** Returns how many lines began like the first one since then. */
  long lines() {
    return lines;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
