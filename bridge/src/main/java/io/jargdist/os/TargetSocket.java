/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A socket in a target's folder, referred to by a descriptor. Owns the descriptor. */
public final class TargetSocket implements AutoCloseable {
  private final int fd;
  private boolean closed;

  TargetSocket(int fd) {
    this.fd = fd;
  }

  /** Connects to this very socket, whatever has its name by now. */
  public SocketChannel connect() throws IOException {
    return SocketChannel.open(
        UnixDomainSocketAddress.of(Path.of("/proc/self/fd", Integer.toString(fd))));
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
