/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Message;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * The bridge that a command line is itself, since it has the privilege and this JVM may not have.
 * It attaches what that command line was given, and is gone with it.
 */
final class HostedLink implements BridgeSource, AutoCloseable {
  private final Client client;

  /**
   * @param socket where the command line waits
   * @param onNews gets itself and what the command line says unasked, on a thread of the connection
   */
  HostedLink(Path socket, BiConsumer<BridgeSource, Message> onNews) throws IOException {
    client =
        Client.start(
            SocketChannel.open(UnixDomainSocketAddress.of(socket)),
            news -> onNews.accept(this, news),
            () -> {});
  }

  @Override
  public Client client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
  }
}
