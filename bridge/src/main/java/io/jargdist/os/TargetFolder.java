/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.codegen.Architecture;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder as a target process has it, in its own mount namespace and with its own rights, opened
 * so that nothing in it can lead us astray: the target may be hostile and we may be root. Owns a
 * descriptor of it.
 *
 * <p>Symbolic links on the way are followed below the target's root only, and files are made and
 * opened with the rights of the target's user, so a link in there reaches nothing that the target
 * itself could not. Linux 5.6 and later.
 */
public final class TargetFolder implements AutoCloseable {
  private static final int O_DIRECTORY = 0x10000;
  private static final int O_DIRECTORY_ARM64 = 0x4000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final long RESOLVE_IN_ROOT = 16;

  private static final int FLAGS =
      O_PATH
          | O_CLOEXEC
          | (Architecture.current() == Architecture.X86_64 ? O_DIRECTORY : O_DIRECTORY_ARM64);

  private final int fd;
  private boolean closed;

  private TargetFolder(int fd) {
    this.fd = fd;
  }

  /**
   * @param path absolute, as the target sees it
   */
  public static TargetFolder open(long pid, String path) throws IOException {
    String operation = "opening " + path + " of process " + pid;
    try {
      int root = Syscalls.open(operation, "/proc/" + pid + "/root", FLAGS);
      try {
        return new TargetFolder(
            Syscalls.openBelow(operation, root, path.substring(1), FLAGS, RESOLVE_IN_ROOT));
      } finally {
        Syscalls.close(root);
      }
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A folder in this one; a symbolic link is refused. */
  public TargetFolder below(String name) throws IOException {
    try {
      return new TargetFolder(
          Syscalls.openBelow(
              "opening " + name, fd, name, FLAGS, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A path of ours to a file in this folder, as long as this object is open. */
  public Path file(String name) {
    return Path.of("/proc/self/fd", Integer.toString(fd), name);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
