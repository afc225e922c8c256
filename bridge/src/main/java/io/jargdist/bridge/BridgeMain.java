/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.kernel.Machine;
import io.jargdist.os.Confinement;
import io.jargdist.os.ProcessReference;
import io.jargdist.wire.Daemon;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs the bridge as a child of the target. It serves the target over one socket, and ends when the
 * socket is closed or when the target has ended.
 */
public final class BridgeMain {
  private BridgeMain() {}

  /**
   * @param arguments the socket's path, and the process id of the target, which must be our parent
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    long target = Long.parseLong(arguments[1]);
    if (target != parent()) {
      throw new IOException("process " + target + " is not the one that started this bridge");
    }
    Machine.lowerPriority();
    dieFirst();
    Confinement.observe();
    // The connection may outlive the target, since a child that the target's native code has forked
    // holds the other end, too.
    endWith(ProcessReference.open(target));
    ClassRehearsal.begin(BridgeMain::print);
    try (LocalBridge bridge = new LocalBridge(BridgeOwner.TARGET, target, BridgeMain::print)) {
      bridge.serve(channel);
    } finally {
      // This process and its probes must not outlive the target, whatever has happened. Even a
      // class may be missing, because the JDK is gone from the disk.
      Runtime.getRuntime().halt(0);
    }
  }

  /** Ends this process when the target has ended. The kernel then removes the probes. */
  private static void endWith(ProcessReference target) {
    if (parent() != target.pid()) {
      Runtime.getRuntime().halt(0);
    }
    Daemon.start(
        "target-watch",
        () -> {
          try {
            target.awaitEnd();
          } catch (IOException e) {
            print("cannot wait for the target: " + e.getMessage());
          } finally {
            Runtime.getRuntime().halt(0);
          }
        },
        BridgeMain::print);
  }

  /** Prints to the file whose end our parent shows. */
  private static void print(String line) {
    System.err.println(line);
  }

  private static long parent() {
    return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
  }

  /** Asks the kernel to end this process, and not the application, when memory is short. */
  private static void dieFirst() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), "500");
    } catch (IOException e) {
      // The kernel then keeps its usual order.
    }
  }
}
