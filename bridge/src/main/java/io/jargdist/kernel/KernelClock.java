/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The clock that bpf_ktime_get_ns reads: CLOCK_MONOTONIC of the machine. In a time namespace,
 * System.nanoTime reads the same clock shifted by an offset (time_namespaces(7), Linux 5.6).
 */
final class KernelClock {
  private static final Path OFFSETS = Path.of("/proc/self/timens_offsets");
  private static final Path OURS = Path.of("/proc/self/ns/time");

  /** PROC_TIME_INIT_INO (include/linux/proc_ns.h): the machine's own time namespace. */
  private static final String INITIAL = "time:[4026531834]";

  private KernelClock() {}

  /** Returns the nanoseconds since the machine was started. */
  static long nanos() throws IOException {
    return System.nanoTime() - offset();
  }

  /**
   * The file tells the offsets of the namespace that our children get, which for a process that was
   * started in one is its own, too.
   */
  private static long offset() throws IOException {
    if (!Files.exists(OFFSETS) || Files.readSymbolicLink(OURS).toString().equals(INITIAL)) {
      return 0;
    }
    return offset(KernelFile.lines(OFFSETS));
  }

  /**
   * @param lines a clock, seconds and nanoseconds each: {@code "monotonic 86400 0"}
   */
  static long offset(List<String> lines) throws IOException {
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length == 3 && words[0].equals("monotonic")) {
        try {
          return Long.parseLong(words[1]) * 1_000_000_000 + Long.parseLong(words[2]);
        } catch (NumberFormatException e) {
          break;
        }
      }
    }
    throw new IOException(OFFSETS + " does not tell the offset of the clock");
  }
}
