/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.os.Confinement;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * Runs a bridge that probes itself, for nothing but the classes that it loads: {@link
 * ClassRehearsal}. It ends when its socket is closed.
 */
public final class RehearsalMain {
  private RehearsalMain() {}

  /**
   * @param arguments the socket's path
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    Confinement.observe();
    long self = ProcessHandle.current().pid();
    try (LocalBridge bridge = new LocalBridge(BridgeOwner.TARGET, self, RehearsalMain::ignore)) {
      bridge.serve(channel);
    } finally {
      // HotSpot writes its archive now.
      Runtime.getRuntime().halt(0);
    }
  }

  /** Nobody looks at what a rehearsal complains about. */
  private static void ignore(String complaint) {}
}
