/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two connected Unix sockets. */
record SocketPair(SocketChannel one, SocketChannel other) implements AutoCloseable {
  static SocketPair open() throws IOException {
    Path folder = Files.createTempDirectory("pair");
    Path socket = folder.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      return new SocketPair(one, server.accept());
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(folder);
    }
  }

  @Override
  public void close() throws IOException {
    one.close();
    other.close();
  }
}
