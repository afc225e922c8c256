/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.PidNumbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Says how a program recognises the target process, and which numbers it shows.
 *
 * <p>bpf_get_current_pid_tgid has numbers of the initial pid namespace. These are not known inside
 * another one, where bpf_get_ns_current_pid_tgid (Linux 5.7) compares the process's number in its
 * own namespace, which is told by device and inode of its nsfs file.
 *
 * @param numbers which numbers are compared and shown
 * @param process the process's number, among those that are compared
 * @param namespace the target's own; null if it is the initial one
 */
public record PidFilter(PidNumbers numbers, int process, @Nullable Namespace namespace) {
  /** The inode of the initial pid namespace: PROC_PID_INIT_INO in include/linux/proc_ns.h. */
  private static final long INITIAL_INODE = 0xEFFFFFFCL;

  /**
   * A pid namespace, by its nsfs file.
   *
   * @param device as the kernel encodes it (new_encode_dev)
   */
  public record Namespace(long device, long inode) {}

  /**
   * @param pid of the process, as this process sees it
   */
  public static PidFilter of(long pid) throws IOException {
    Path file = Path.of("/proc", Long.toString(pid), "ns/pid");
    Namespace namespace =
        inode(file) == INITIAL_INODE
            ? null
            : new Namespace(
                ((Number) Files.getAttribute(file, "unix:dev")).longValue(), inode(file));
    if (inode(Path.of("/proc/self/ns/pid")) == INITIAL_INODE) {
      return new PidFilter(
          namespace == null ? PidNumbers.INITIAL : PidNumbers.INITIAL_AND_OWN,
          (int) pid,
          namespace);
    }
    return new PidFilter(
        PidNumbers.OWN, ProcessStatus.of(Long.toString(pid)).innermostPid(), namespace);
  }

  private static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
  }
}
