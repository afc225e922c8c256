/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The headers that {@code -I} may name. No file is ever included: the types of the kernel come from
 * its BTF, those of libc and the constants from files of ours, and all of them are always known. So
 * {@code -I} of such a header is accepted, as argdist's documented commands need it, and changes
 * nothing. Any other file would be a foreign text, and is refused.
 */
public final class Includes {
  /** The headers of libc. The files constants.txt and libc-types.txt have their known parts. */
  private static final Set<String> LIBC =
      Set.of(
          "arpa/inet.h",
          "dirent.h",
          "errno.h",
          "fcntl.h",
          "limits.h",
          "netdb.h",
          "netinet/in.h",
          "netinet/tcp.h",
          "poll.h",
          "pthread.h",
          "sched.h",
          "signal.h",
          "stddef.h",
          "stdint.h",
          "stdio.h",
          "stdlib.h",
          "string.h",
          "sys/epoll.h",
          "sys/eventfd.h",
          "sys/file.h",
          "sys/inotify.h",
          "sys/ioctl.h",
          "sys/mman.h",
          "sys/prctl.h",
          "sys/random.h",
          "sys/resource.h",
          "sys/socket.h",
          "sys/stat.h",
          "sys/time.h",
          "sys/timerfd.h",
          "sys/types.h",
          "sys/uio.h",
          "sys/un.h",
          "sys/utsname.h",
          "sys/wait.h",
          "time.h",
          "unistd.h");

  /** Folders of the kernel's source whose types are in its BTF. */
  private static final Pattern KERNEL =
      Pattern.compile(
          "(uapi/)?(linux|net|asm|asm-generic|scsi|crypto|block)(/[a-z0-9_-]+)*/[A-Za-z0-9_-]+\\.h"
              + "|kernel/sched/sched\\.h|fs/mount\\.h|mm/(internal|slab)\\.h");

  private static final Pattern TYPE =
      Pattern.compile("((struct|union|enum) )?[A-Za-z_][A-Za-z0-9_]*");

  private Includes() {}

  /**
   * @param name what stands behind {@code -I}
   * @throws IllegalArgumentException if it may not be named; the message says what may be
   */
  public static void check(String name) {
    if (LIBC.contains(name) || KERNEL.matcher(name).matches() || TYPE.matcher(name).matches()) {
      return;
    }
    String shown = name.length() > 60 ? name.substring(0, 60) + "..." : name;
    String reason;
    if (name.startsWith("/") || name.startsWith(".") || name.contains("..")) {
      reason = "no file is read: name the struct that you need (-I 'struct NAME'), or leave -I out";
    } else {
      List<String> near = Similar.nearest(name, new TreeSet<>(LIBC), 3);
      reason =
          near.isEmpty()
              ? "give a header of libc or of the kernel (linux/fs.h), or 'struct NAME'"
              : "did you mean " + String.join(", ", near) + "?";
    }
    throw new IllegalArgumentException("-I takes no \"" + shown + "\": " + reason);
  }
}
