/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.RemoteHost;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * The bridge that a command line is itself, since it has the privilege and this JVM may not have.
 * It attaches what that command line was given, and is gone with it.
 */
final class HostedLink implements HostSource, AutoCloseable {
  private final RemoteHost host;

  /**
   * @param socket where the command line waits
   * @param listener is told on a thread of the connection
   */
  HostedLink(Path socket, ProbeHost.Listener listener) throws IOException {
    host =
        RemoteHost.start(
            SocketChannel.open(UnixDomainSocketAddress.of(socket)),
            Patience.WITH_BRIDGE,
            listener,
            () -> {});
  }

  @Override
  public ProbeHost host() {
    return host;
  }

  @Override
  public void close() {
    host.close();
  }
}
