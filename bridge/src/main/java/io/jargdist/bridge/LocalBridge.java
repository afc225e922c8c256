/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.child.PrivateDirectory;
import io.jargdist.compile.BatchingCompiler;
import io.jargdist.compile.CachingCompiler;
import io.jargdist.compile.CachingDisassembler;
import io.jargdist.compile.Compiler;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.TextOrigins;
import io.jargdist.kernel.Machine;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.Server;
import io.jargdist.wire.WholeSnapshot;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A bridge in this process, for one target. Owns its probes and its compiler. They end with the
 * bridge, and with this process, however it ends.
 */
public final class LocalBridge implements ProbeHost, AutoCloseable {
  private static final Duration COMPILER_IDLE = Duration.ofSeconds(10);
  private static final Duration COMPILE_TIMEOUT = Duration.ofMinutes(2);
  private static final int WORKERS = 4;

  private final CompilerProcess compiler;
  private final Preparation preparation;
  private final TargetProbes probes;
  private final List<PublishedProbes.Counting> counting = new CopyOnWriteArrayList<>();
  private final Consumer<String> complaints;
  private final ExecutorService workers =
      Executors.newFixedThreadPool(WORKERS, new DaemonFactory("bridge"));

  /**
   * @param owner the kind of process that has started the bridge
   * @param pid of the only process that may be probed, as this process sees it
   * @param complaints takes lines for the user that belong to no answer
   */
  public LocalBridge(BridgeOwner owner, long pid, Consumer<String> complaints) throws IOException {
    this.complaints = complaints;
    compiler =
        new CompilerProcess(
            Path.of(System.getProperty("java.home")), COMPILER_IDLE, COMPILE_TIMEOUT);
    Compiler caching =
        new CachingCompiler(
            new BatchingCompiler(compiler), PrivateDirectory.subdirectory("images"));
    probes =
        new TargetProbes(
            owner,
            pid,
            caching,
            new CachingDisassembler(compiler, PrivateDirectory.subdirectory("listings")));
    TextOrigins origins = new TextOrigins(PrivateDirectory.subdirectory("origins"));
    preparation = new Preparation(compiler, caching, origins, probes::text);
  }

  /** Does what needs no target, for nothing but the classes that it loads. */
  public static void rehearse() {
    try {
      Machine.isPrivileged();
      ProbePipeline.rehearse();
    } catch (SpecifierException
        | MachineException
        | KernelException
        | RuntimeException
        | LinkageError e) {
      // A real probe meets and tells it.
    }
  }

  /** Texts that are not known are compiled together if there are several requests. */
  @Override
  public void expect(List<Message.Attach> requests) {
    requests.forEach(requests.size() > 1 ? preparation::compile : preparation::begin);
  }

  private Message handle(Message request) throws ProbeException {
    if (request instanceof Message.Expect expected) {
      preparation.compile(expected.request());
      return new Message.Done();
    } else if (request instanceof Message.Attach attach) {
      preparation.begin(attach);
      return attached(attach);
    }
    return probes.handle(request);
  }

  private Message attached(Message.Attach request) throws ProbeException {
    Message attached = probes.handle(request);
    preparation.served(request);
    return attached;
  }

  /** Does what {@link #check} does, and returns the program apart from the summary. */
  public Checked checked(Message.Check request) throws ProbeException {
    return probes.checked(request);
  }

  @Override
  public Message.Attached attach(Message.Attach request) throws ProbeException {
    Message.Attached attached = (Message.Attached) attached(request);
    counting.add(new PublishedProbes.Counting(request, attached));
    return attached;
  }

  @Override
  public String check(Message.Check request) throws ProbeException {
    return probes.checked(request).text();
  }

  @Override
  public Instant start(int group) throws ProbeException {
    return ((Message.Started) probes.handle(new Message.Start(group))).time();
  }

  @Override
  public void mark(int group) throws ProbeException {
    probes.handle(new Message.Mark(group));
  }

  @Override
  public Message read(int probe, Message.Read.What what) throws IOException, ProbeException {
    return WholeSnapshot.of(from -> probes.handle(new Message.Read(probe, from, what)));
  }

  @Override
  public void ownThreads(Set<Integer> numbers) throws ProbeException {
    probes.handle(new Message.OwnThreads(numbers));
  }

  /**
   * Detaches a probe without waiting for the kernel to make sure that no processor runs its
   * programs any more.
   */
  @Override
  public void detach(int probe) {
    try {
      probes.handle(new Message.Detach(probe));
    } catch (ProbeException e) {
      throw new IllegalStateException("detaching cannot be refused", e);
    }
  }

  /** Returns false, since this host ends only with its process. */
  @Override
  public boolean isClosed() {
    return false;
  }

  /** Serves all requests of the target until it closes the socket. */
  void serve(SocketChannel channel) {
    serve(channel, this::handle);
  }

  private void serve(SocketChannel channel, Server.Handler handler) {
    Server server = new Server(channel, handler, workers, complaints);
    probes.tell(server::tell);
    server.serve();
  }

  /**
   * Shows the target what is counted here, until it closes the socket.
   *
   * @param channel whose other end is the target; the caller has checked that with the kernel
   * @param onThreads runs when the target has told which of its threads are ours; their events are
   *     not counted from then on
   */
  public void publish(SocketChannel channel, Runnable onThreads) {
    serve(channel, new PublishedProbes(probes, probes::now, counting, onThreads));
  }

  /** Detaches all probes, and ends the compiler. */
  @Override
  public void close() {
    probes.close();
    compiler.close();
    workers.shutdownNow();
    preparation.close();
  }
}
