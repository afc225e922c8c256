/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.time.Duration;

/**
 * A process that is referred to by a descriptor. Its number could belong to another process by now.
 * Owns the descriptor. Linux 5.3 and later.
 */
public final class ProcessReference implements AutoCloseable {
  private static final int SIGQUIT = 3;
  private static final int EINTR = 4;

  /** The time for which a thread may still wait for a closed reference. */
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

  /**
   * Returns whether the process has still its number: it runs, or it has ended and its parent has
   * not waited for it.
   */
  public synchronized boolean isSame() {
    try {
      Syscalls.pidfdSendSignal("looking at process " + pid, fd, 0);
      return true;
    } catch (KernelException e) {
      // EPERM means that it exists and is not ours.
      return e.isPermission();
    }
  }

  /**
   * Waits until the process has ended, or this object is closed. Other processes may wait for it as
   * well, or hold files that it had open.
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

  /** Sends SIGQUIT, at which HotSpot looks for a client that wants to attach. */
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
