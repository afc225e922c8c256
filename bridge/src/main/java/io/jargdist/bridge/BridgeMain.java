/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.protocol.Server;
import io.jargdist.child.PrivateDirectory;
import io.jargdist.compile.CachingCompiler;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.kernel.Machine;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The bridge as a child of the target: serves it over one socket, and ends when that is closed,
 * which is also what the end of the target does.
 */
public final class BridgeMain {
  private static final Duration COMPILER_IDLE = Duration.ofSeconds(10);
  private static final Duration COMPILE_TIMEOUT = Duration.ofSeconds(60);
  private static final int WORKERS = 4;

  private BridgeMain() {}

  /**
   * @param arguments the socket's path, and the target's process id, which must be our parent's
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    long target = Long.parseLong(arguments[1]);
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
    if (target != parent) {
      System.err.println("process " + target + " is not the one that started this bridge");
      Runtime.getRuntime().halt(3);
    }
    Machine.lowerPriority();
    dieFirst();
    CompilerProcess compiler =
        new CompilerProcess(
            Path.of(System.getProperty("java.home")), COMPILER_IDLE, COMPILE_TIMEOUT);
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    Bridge bridge =
        new Bridge(target, new CachingCompiler(compiler, PrivateDirectory.subdirectory("images")));
    new Server(channel, bridge, workers).serve();
    bridge.close();
    compiler.close();
    Runtime.getRuntime().halt(0);
  }

  /** When memory is short, the kernel shall end this process and not the application. */
  private static void dieFirst() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), "500");
    } catch (IOException e) {
      // Then the usual order holds.
    }
  }
}
