/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.specifier.ProbePoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows the functions of libc that do nothing but one system call. Its tracepoints see the same
 * calls, and those of other code.
 */
public final class SystemCallWrappers {
  private static final Pattern LIBC = Pattern.compile("c|pthread|.*/lib(c|pthread)[.-][^/]*");

  /** Those whose system call has their name. */
  private static final Set<String> SAME =
      Set.of(
          "accept",
          "accept4",
          "bind",
          "chmod",
          "clock_nanosleep",
          "close",
          "connect",
          "dup3",
          "epoll_ctl",
          "epoll_pwait",
          "epoll_wait",
          "fallocate",
          "fchmod",
          "fdatasync",
          "flock",
          "fsync",
          "ftruncate",
          "getdents64",
          "ioctl",
          "kill",
          "listen",
          "lseek",
          "madvise",
          "mkdir",
          "mmap",
          "mprotect",
          "msync",
          "munmap",
          "openat",
          "poll",
          "ppoll",
          "pread64",
          "pwrite64",
          "read",
          "readlink",
          "readv",
          "recvfrom",
          "recvmmsg",
          "recvmsg",
          "rename",
          "rmdir",
          "sched_yield",
          "sendfile64",
          "sendmmsg",
          "sendmsg",
          "sendto",
          "setsockopt",
          "shutdown",
          "socket",
          "sync_file_range",
          "unlink",
          "unlinkat",
          "write",
          "writev");

  /** Those whose system call has another name, in the C libraries of today. */
  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("open", "openat"),
          Map.entry("open64", "openat"),
          Map.entry("openat64", "openat"),
          Map.entry("pread", "pread64"),
          Map.entry("pwrite", "pwrite64"),
          Map.entry("lseek64", "lseek"),
          Map.entry("ftruncate64", "ftruncate"),
          Map.entry("fallocate64", "fallocate"),
          Map.entry("mmap64", "mmap"),
          Map.entry("send", "sendto"),
          Map.entry("recv", "recvfrom"),
          Map.entry("sendfile", "sendfile64"),
          Map.entry("nanosleep", "clock_nanosleep"));

  private SystemCallWrappers() {}

  /**
   * Returns the specifier of the tracepoint of a function's system call: {@code
   * "t:syscalls:sys_enter_read()"}, or that of its exit for a return probe.
   *
   * @return null if it is no such function, or the kernel has no such tracepoint
   */
  public static @Nullable String tracepoint(ProbePoint point) {
    if (!(point instanceof ProbePoint.UserFunction function)
        || !LIBC.matcher(function.library()).matches()) {
      return null;
    }
    String call = call(function.function());
    if (call == null) {
      return null;
    }
    String event = (function.atReturn() ? "sys_exit_" : "sys_enter_") + call;
    for (Path mount : Tracefs.MOUNTS) {
      if (Files.isDirectory(mount.resolve("events/syscalls").resolve(event))) {
        return "t:syscalls:" + event + "()";
      }
    }
    return null;
  }

  /** Returns null for a function that is none of these. */
  static @Nullable String call(String function) {
    return SAME.contains(function) ? function : OTHERS.get(function);
  }
}
