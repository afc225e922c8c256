/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelFile;
import io.jargdist.resolve.Tracefs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A return probe defined in tracefs (Documentation/trace/kprobetrace.rst), which costs nothing
 * until a program is attached to it. Owns the definition. One that an ended process left behind is
 * removed when the next is made.
 */
final class KprobeEvent implements AutoCloseable {
  private static final String GROUP = "jargdist";
  private static final String EVENT_PREFIX = "return_";

  /** KRETPROBE_MAXACTIVE_MAX in kernel/trace/trace_kprobe.c. */
  private static final int MAX_ACTIVE = 4096;

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path mount;
  private final String name;

  private KprobeEvent(Path mount, String name) {
    this.mount = mount;
    this.name = name;
  }

  /**
   * @return null if the kernel does not let us define one: no tracefs, or no privilege to write it
   */
  static @Nullable KprobeEvent define(String symbol) {
    String name = EVENT_PREFIX + ProcessHandle.current().pid() + "_" + NUMBERS.incrementAndGet();
    for (Path mount : Tracefs.MOUNTS) {
      try {
        removeAbandoned(mount);
        append(mount, String.format(Locale.ROOT, "r%d:%s/%s %s", MAX_ACTIVE, GROUP, name, symbol));
        return new KprobeEvent(mount, name);
      } catch (IOException e) {
        // It is not mounted there, or we may not use it.
      }
    }
    return null;
  }

  /** Returns the number that perf_event_open takes. */
  int id() throws IOException {
    Path file = mount.resolve("events").resolve(GROUP).resolve(name).resolve("id");
    return Integer.parseInt(KernelFile.text(file).strip());
  }

  /**
   * Returns how many returns were not trapped, because more calls were in flight than it has room
   * for.
   */
  long missed() throws IOException {
    for (String line : KernelFile.lines(mount.resolve("kprobe_profile"))) {
      // NAME HITS MISSED
      String[] words = line.strip().split("\\s+");
      if (words.length == 3 && words[0].equals(name)) {
        return Long.parseLong(words[2]);
      }
    }
    return 0;
  }

  @Override
  public void close() {
    try {
      append(mount, "-:" + GROUP + "/" + name);
    } catch (IOException e) {
      // Another process has removed it, or still uses it.
    }
  }

  private static void removeAbandoned(Path mount) throws IOException {
    for (String line : KernelFile.lines(mount.resolve("kprobe_events"))) {
      // TYPE:GROUP/NAME SYMBOL
      String start = GROUP + "/" + EVENT_PREFIX;
      int at = line.indexOf(start);
      int end = line.indexOf('_', at + start.length());
      if (at >= 0 && end > 0) {
        String owner = line.substring(at + start.length(), end);
        if (!Files.exists(Path.of("/proc", owner))) {
          append(mount, "-:" + line.substring(line.indexOf(':') + 1, line.indexOf(' ')));
        }
      }
    }
  }

  /**
   * Appends a definition by one write. Opening the file for truncation would remove all
   * definitions.
   */
  private static void append(Path mount, String definition) throws IOException {
    Files.writeString(
        mount.resolve("kprobe_events"),
        definition + "\n",
        StandardOpenOption.WRITE,
        StandardOpenOption.APPEND);
  }
}
