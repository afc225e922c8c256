/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

/**
 * Wakes a thread that waits for descriptors. Owns a descriptor, which can be read from {@link
 * #raise} until {@link #clear}. Thread-safe.
 */
public final class Wakeup implements AutoCloseable {
  private static final String WAKING = "waking a thread";

  private final int fd;
  private boolean closed;

  private Wakeup(int fd) {
    this.fd = fd;
  }

  public static Wakeup create() throws KernelException {
    return new Wakeup(Syscalls.eventFd(WAKING));
  }

  public int fd() {
    return fd;
  }

  public synchronized void raise() throws KernelException {
    if (!closed) {
      Syscalls.write(WAKING, fd, new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
    }
  }

  /** Returns whether it was raised since the last time. */
  public synchronized boolean clear() throws KernelException {
    return !closed && Syscalls.readWhatIsThere(WAKING, fd, Memory.allocate(Long.BYTES)) > 0;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
