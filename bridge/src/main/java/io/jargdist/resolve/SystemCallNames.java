/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.ResolvedProbe;
import io.jargdist.resolve.TargetProcess.MappedFile;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows of system calls that glibc's function of the same name does not make. Counted on x86-64
 * with glibc 2.36; the calls on the left are not there on AArch64, whose kernel never had them.
 */
final class SystemCallNames {
  private static final Map<String, String> MADE_INSTEAD =
      Map.of(
          "open", "openat",
          "stat", "newfstatat",
          "lstat", "newfstatat",
          "select", "pselect6",
          "pipe", "pipe2",
          "fork", "clone",
          "getdents", "getdents64",
          "nanosleep", "clock_nanosleep");

  /** vdso(7): code of the kernel in the process answers these. */
  private static final Set<String> WITHOUT_THE_KERNEL =
      Set.of("clock_gettime", "gettimeofday", "time", "getcpu");

  private SystemCallNames() {}

  static void warn(ResolvedProbe.Tracepoint tracepoint, List<MappedFile> files, Warnings warnings) {
    String event = tracepoint.event();
    if (!tracepoint.category().equals("syscalls")
        || files.stream().noneMatch(SystemCallNames::isGlibc)) {
      return;
    }
    String call = event.replaceFirst("^sys_(enter|exit)_", "");
    String instead = MADE_INSTEAD.get(call);
    if (instead != null) {
      warnings.add(
          "glibc's "
              + call
              + " makes the system call "
              + instead
              + ", so "
              + event
              + " sees only code that makes the call itself: t:syscalls:"
              + event.substring(0, event.length() - call.length())
              + instead
              + "() sees glibc's");
    } else if (WITHOUT_THE_KERNEL.contains(call)) {
      warnings.add(
          "glibc's "
              + call
              + " needs no system call where the vDSO can answer, so "
              + event
              + " sees few of them: p:c:"
              + call
              + "() sees those that go through glibc");
    }
  }

  private static boolean isGlibc(MappedFile file) {
    return file.name().equals("libc.so.6") || file.name().startsWith("libc-2.");
  }
}
