/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads what /proc tells of processes. A process that has ended has nothing. */
final class ProcessFiles {
  private ProcessFiles() {}

  private static Path of(long pid, String file) {
    return Path.of("/proc", Long.toString(pid), file);
  }

  static double residentMebibytes(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(of(pid, "status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
          .sum();
    }
  }

  /**
   * CPU time of each thread so far, by where that is said. A sum would be less later, when a thread
   * or a process has ended.
   */
  static Map<Path, Long> cpuNanos(List<ProcessHandle> processes) throws IOException {
    Map<Path, Long> found = new HashMap<>();
    for (ProcessHandle process : processes) {
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(of(process.pid(), "task"))) {
        for (Path thread : threads) {
          String times = Files.readString(thread.resolve("schedstat"));
          found.put(thread, Long.valueOf(times.substring(0, times.indexOf(' '))));
        }
      } catch (NoSuchFileException e) {
        // It has ended, the process or the thread.
      }
    }
    return found;
  }

  /** CPU time of the threads that there are now, since then. */
  static long cpuNanosSince(Map<Path, Long> before, List<ProcessHandle> processes)
      throws IOException {
    long sum = 0;
    for (Map.Entry<Path, Long> now : cpuNanos(processes).entrySet()) {
      sum += now.getValue() - before.getOrDefault(now.getKey(), 0L);
    }
    return sum;
  }

  /** Returns how many descriptors they have that attach programs. */
  static int attachments(List<ProcessHandle> processes) throws IOException {
    int found = 0;
    for (String descriptor : descriptors(processes).keySet()) {
      found += descriptor.contains("bpf_link") || descriptor.contains("perf_event") ? 1 : 0;
    }
    return found;
  }

  /** Returns what the tables and programs take of the kernel's memory, as it accounts for them. */
  static double kernelMebibytes(List<ProcessHandle> processes) throws IOException {
    double bytes = 0;
    for (Map.Entry<String, Path> descriptor : descriptors(processes).entrySet()) {
      if (descriptor.getKey().contains("bpf-map") || descriptor.getKey().contains("bpf-prog")) {
        try (Stream<String> lines = Files.lines(descriptor.getValue())) {
          bytes +=
              lines
                  .filter(line -> line.startsWith("memlock:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                  .sum();
        } catch (NoSuchFileException e) {
          // Closed.
        }
      }
    }
    return bytes / (1 << 20);
  }

  /**
   * Maps the names of the descriptors, which a path makes unique, to the files of their details.
   */
  private static Map<String, Path> descriptors(List<ProcessHandle> processes) throws IOException {
    Map<String, Path> found = new HashMap<>();
    for (ProcessHandle process : processes) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(of(process.pid(), "fd"))) {
        for (Path descriptor : all) {
          Path details = of(process.pid(), "fdinfo").resolve(descriptor.getFileName().toString());
          found.put(Files.readSymbolicLink(descriptor) + " " + descriptor, details);
        }
      } catch (NoSuchFileException e) {
        // It has ended, or the descriptor is closed.
      }
    }
    return found;
  }
}
