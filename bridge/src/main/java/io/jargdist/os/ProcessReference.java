/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.time.Duration;

/**
 * A process that is referred to by a descriptor, not by its number, which another process could
 * have by now. Owns the descriptor. Linux 5.3 and later.
 */
public final class ProcessReference implements AutoCloseable {
  private static final int SIGQUIT = 3;
  private static final int EINTR = 4;

  /** How long a closed reference may still be waited for. */
  private static final int POLL_MILLIS = 500;

  private final long pid;
  private final int fd;
  private boolean closed;

  private ProcessReference(long pid, int fd) {
    this.pid = pid;
    this.fd = fd;
  }

  /**
   * @throws IOException if there is no such process
   */
  public static ProcessReference open(long pid) throws IOException {
    try {
      return new ProcessReference(pid, Syscalls.pidfdOpen("opening process " + pid, pid));
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  public long pid() {
    return pid;
  }

  /** Whether the process has still its number: it runs, or has ended and nobody waited for it. */
  public synchronized boolean isSame() {
    try {
      Syscalls.pidfdSendSignal("looking at process " + pid, fd, 0);
      return true;
    } catch (KernelException e) {
      // EPERM: it is there, and not ours.
      return e.isPermission();
    }
  }

  /**
   * Waits until the process has ended, or this object is closed. Whoever else waits for that
   * process, or holds something that it had open, does not matter.
   */
  public void awaitEnd() throws IOException {
    try {
      while (!isClosed() && !hasEnded(POLL_MILLIS)) {}
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Waits until the process has ended, but not longer than that; answers whether it has. */
  public boolean endsWithin(Duration most) {
    try {
      return hasEnded((int) most.toMillis());
    } catch (KernelException e) {
      return false;
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** A pidfd can be read when the process has ended (pidfd_open(2)). */
  private boolean hasEnded(int millis) throws KernelException {
    try {
      return Syscalls.awaitReadable("waiting for process " + pid, fd, millis);
    } catch (KernelException e) {
      if (e.errno() == EINTR) {
        return false;
      }
      throw e;
    }
  }

  /** Sends SIGQUIT, at which HotSpot looks whether somebody wants to attach. */
  public synchronized void quit() throws IOException {
    try {
      Syscalls.pidfdSendSignal("signalling process " + pid, fd, SIGQUIT);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
