/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.ProcessStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a program recognises the target process.
 *
 * <p>bpf_get_current_pid_tgid has numbers of the initial pid namespace. From inside another one
 * these are not known; there bpf_get_ns_current_pid_tgid (Linux 5.7) compares the process's number
 * in its own namespace, which is told by device and inode of its nsfs file.
 */
public sealed interface PidFilter {
  /** The inode of the initial pid namespace: PROC_PID_INIT_INO in include/linux/proc_ns.h. */
  long INITIAL_INODE = 0xEFFFFFFCL;

  /** The process's number, in the initial namespace or in the one below. */
  int process();

  record Initial(int process) implements PidFilter {}

  /**
   * @param device of the nsfs file, as the kernel encodes it (new_encode_dev)
   */
  record Namespaced(int process, long device, long inode) implements PidFilter {}

  /**
   * @param pid of the process, as this process sees it
   */
  static PidFilter of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    if (inode(Path.of("/proc/self/ns/pid")) == INITIAL_INODE) {
      return new Initial((int) pid);
    }
    Path namespace = process.resolve("ns/pid");
    return new Namespaced(
        ProcessStatus.of(Long.toString(pid)).innermostPid(),
        ((Number) Files.getAttribute(namespace, "unix:dev")).longValue(),
        inode(namespace));
  }

  private static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
  }
}
