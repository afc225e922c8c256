/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The resources of a JVM and its bridge.
 *
 * @param targetFds file descriptors of the JVM
 * @param targetThreads threads of the agent in the JVM
 * @param children processes that the JVM has started, and those that they have started
 * @param bridgeFds file descriptors of the bridge
 * @param programs BPF programs that the bridge holds
 * @param tables BPF maps that the bridge holds
 */
record Resources(
    int targetFds, int targetThreads, int children, int bridgeFds, int programs, int tables) {
  static Resources of(ProcessHandle target) throws IOException {
    Optional<ProcessHandle> bridge = bridge(target);
    int bridgeFds = 0;
    int programs = 0;
    int tables = 0;
    if (bridge.isPresent()) {
      List<Path> infos = entries(process(bridge.get()).resolve("fdinfo"));
      bridgeFds = infos.size();
      for (Path info : infos) {
        // Only descriptors of programs and of maps have these lines (kernel/bpf/syscall.c).
        String text = read(info);
        programs += text.contains("\nprog_type:") ? 1 : 0;
        tables += text.contains("\nmap_type:") ? 1 : 0;
      }
    }
    int threads = 0;
    for (Path task : entries(process(target).resolve("task"))) {
      threads += read(task.resolve("comm")).startsWith("jargdist") ? 1 : 0;
    }
    return new Resources(
        entries(process(target).resolve("fd")).size(),
        threads,
        (int) target.descendants().count(),
        bridgeFds,
        programs,
        tables);
  }

  static Optional<ProcessHandle> bridge(ProcessHandle target) {
    return target
        .children()
        .filter(child -> read(process(child).resolve("cmdline")).contains("BridgeMain"))
        .findFirst();
  }

  /** Returns whether no number is greater than in the other. */
  boolean within(Resources other) {
    return targetFds <= other.targetFds
        && targetThreads <= other.targetThreads
        && children <= other.children
        && bridgeFds <= other.bridgeFds
        && programs <= other.programs
        && tables <= other.tables;
  }

  private static Path process(ProcessHandle process) {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return new ArrayList<>(entries.toList());
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Empty if it is gone meanwhile. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "JVM: %d fds, %d threads of ours, %d children; bridge: %d fds, %d programs, %d tables",
        targetFds,
        targetThreads,
        children,
        bridgeFds,
        programs,
        tables);
  }
}
