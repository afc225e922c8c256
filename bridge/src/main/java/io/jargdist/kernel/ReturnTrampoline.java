/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.facts.Architecture;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The code to which a probed function of a process returns. Since Linux 6.11 (x86-64) there is a
 * system call of its own, uretprobe, at that place. A process whose calls are filtered by seccomp,
 * as containers are, may be refused it, and cannot go on then. Linux 6.14 lets it pass all filters
 * (seccomp_uprobe_exception in kernel/seccomp.c), and so do later releases of 6.12 and 6.13.
 */
public final class ReturnTrampoline {
  private static final Pattern RELEASE = Pattern.compile("^(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");

  /** The first release that is safe for certain. A few earlier ones may be safe, too. */
  private static final int SAFE_6_12 = 20;

  private static final int SAFE_6_13 = 8;

  private ReturnTrampoline() {}

  /**
   * Asks whether returns of functions of a process can be probed without harm.
   *
   * @param instead why no other way serves, to follow what could happen; may be empty
   * @throws MachineException if not
   */
  public static void check(long pid, String instead) throws MachineException {
    if (canKill(pid)) {
      throw new MachineException(
          String.format(
              Locale.ROOT,
              "a return probe could kill process %d: its system calls are filtered (seccomp), and Linux %s returns by one%s: use p:, or Linux 6.14",
              pid,
              release(),
              instead));
    }
  }

  public static boolean canKill(long pid) {
    boolean hasTheCall = Architecture.current().choose(true, false);
    return hasTheCall && isFilteredBy(release()) && isFiltered(pid);
  }

  private static String release() {
    return System.getProperty("os.version");
  }

  /** Returns whether seccomp filters of this kernel see the call. */
  static boolean isFilteredBy(String release) {
    Matcher matcher = RELEASE.matcher(release);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) != 6) {
      return false;
    }
    String patch = matcher.group(3);
    int level = patch == null ? 0 : Integer.parseInt(patch);
    return switch (Integer.parseInt(matcher.group(2))) {
      case 11 -> true;
      case 12 -> level < SAFE_6_12;
      case 13 -> level < SAFE_6_13;
      default -> false;
    };
  }

  private static boolean isFiltered(long pid) {
    try {
      return isFiltered(KernelFile.lines(Path.of("/proc", Long.toString(pid), "status")));
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * @param status a process's file of this name in /proc
   */
  static boolean isFiltered(List<String> status) {
    return status.stream().anyMatch(line -> line.matches("Seccomp:\\s+[12]"));
  }
}
