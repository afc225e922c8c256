/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.child.PrivateDirectory;
import io.jargdist.compile.CachingCompiler;
import io.jargdist.compile.CachingDisassembler;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.Server;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A bridge in this process, for one target. Owns its probes and its compiler, which go with it, and
 * with this process however it ends.
 */
public final class LocalBridge implements AutoCloseable {
  private static final Duration COMPILER_IDLE = Duration.ofSeconds(10);
  private static final Duration COMPILE_TIMEOUT = Duration.ofMinutes(2);
  private static final int WORKERS = 4;

  private final CompilerProcess compiler;
  private final Bridge bridge;
  private final Consumer<String> complaints;
  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          WORKERS,
          task -> {
            Thread thread = new Thread(task, "bridge");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param owner who has started it
   * @param pid of the only process that may be probed, as this process sees it
   * @param complaints takes what a person has to know and no answer tells, a line each
   */
  public LocalBridge(BridgeOwner owner, long pid, Consumer<String> complaints) throws IOException {
    this.complaints = complaints;
    compiler =
        new CompilerProcess(
            Path.of(System.getProperty("java.home")), COMPILER_IDLE, COMPILE_TIMEOUT);
    bridge =
        new Bridge(
            owner,
            pid,
            new CachingCompiler(compiler, PrivateDirectory.subdirectory("images")),
            new CachingDisassembler(compiler, PrivateDirectory.subdirectory("listings")));
  }

  /** Does everything but attach. */
  public Checked check(Message.Check request) throws ProbeException {
    return bridge.checked(request);
  }

  /** Serves the target until it closes the socket, whatever it asks for. */
  void serve(SocketChannel channel) {
    serve(channel, bridge);
  }

  private void serve(SocketChannel channel, Server.Handler handler) {
    Server server = new Server(channel, handler, workers, complaints);
    bridge.tell(server::tell);
    server.serve();
  }

  /**
   * Serves the target until it closes the socket. The target has less privilege than we have and is
   * not trusted with more than what the operator asked for.
   *
   * @param channel whose other end is the target: the caller has asked the kernel
   * @param wanted what may be attached, each once, in any group
   */
  public void serve(SocketChannel channel, List<Message.Attach> wanted) {
    Set<Message.Check> granted = new HashSet<>();
    wanted.forEach(attach -> granted.add(asCheck(attach)));
    List<Message.Check> left = new ArrayList<>();
    wanted.forEach(attach -> left.add(asCheck(attach)));
    Server.Handler guard =
        request -> {
          boolean may =
              request instanceof Message.Read
                  || request instanceof Message.Detach
                  || request instanceof Message.Start
                  || request instanceof Message.Mark
                  || request instanceof Message.OwnThreads
                  || (request instanceof Message.Check check && granted.contains(check));
          if (request instanceof Message.Attach attach) {
            synchronized (left) {
              may = left.remove(asCheck(attach));
            }
          }
          if (!may) {
            throw new ProbeException(
                Failure.Kind.MACHINE, "this bridge attaches what its command line was given only");
          }
          return bridge.handle(request);
        };
    serve(channel, guard);
  }

  private static Message.Check asCheck(Message.Attach attach) {
    return new Message.Check(attach.form(), attach.specifier(), attach.options());
  }

  /** Detaches everything, and ends the compiler. */
  @Override
  public void close() {
    bridge.close();
    compiler.close();
    workers.shutdownNow();
  }
}
