/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.child.ChildJvm;
import io.jargdist.child.PrivateDirectory;
import io.jargdist.compile.CompilerMain.Answer;
import io.jargdist.compile.CompilerMain.Request;
import io.jargdist.facts.Architecture;
import io.jargdist.os.Confinement;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.Instruction;
import io.jargdist.text.IoFailure;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compiles texts and decodes machine code in a child process. The child is started when it is
 * needed, and stopped when it has been idle for a while. If LLVM makes the child crash, only the
 * present text is lost. The child works on one text at a time; others wait.
 */
public final class CompilerProcess implements Compiler, Disassembler, AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  /** It is interrupted, so it takes milliseconds. */
  private static final Duration ABANDON_TIMEOUT = Duration.ofSeconds(1);

  private static final int MAX_HEAP_MEGABYTES = 64;
  private static final int SIGNAL_BASE = 128;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 9, "SIGKILL", 11, "SIGSEGV", 14, "SIGALRM", 15,
          "SIGTERM");

  private final Path javaHome;
  private final Duration idleTime;
  private final Duration textTimeout;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "compiler-timer");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable ChildJvm child;
  private @Nullable Coming coming;
  private @Nullable ScheduledFuture<?> idleStop;

  /**
   * @param javaHome the JDK or JRE that runs the child
   * @param idleTime how long the child stays when it has no work
   * @param textTimeout how long it may work on one text
   */
  public CompilerProcess(Path javaHome, Duration idleTime, Duration textTimeout) {
    this.javaHome = javaHome;
    this.idleTime = idleTime;
    this.textTimeout = textTimeout;
  }

  @Override
  public ProgramImage compile(String text) throws CompileException, MachineException {
    return ask(
        Request.TEXT, text.getBytes(StandardCharsets.UTF_8), Answer.IMAGE, ProgramImage::decode);
  }

  @Override
  public List<Instruction> disassemble(ByteBuffer code, int everywhere) throws MachineException {
    try {
      byte[] request = new DecodeRequest(everywhere, code).encode();
      return ask(Request.CODE, request, Answer.LISTING, Listing::decode);
    } catch (CompileException e) {
      throw new MachineException(String.valueOf(e.getMessage()), e);
    }
  }

  private synchronized <T> T ask(
      Request kind, byte[] content, Answer wanted, FileCache.Decoder<T> decoder)
      throws CompileException, MachineException {
    if (idleStop != null) {
      idleStop.cancel(false);
    }
    ChildJvm running = running();
    ScheduledFuture<?> limit =
        timer.schedule(running::close, textTimeout.toMillis(), TimeUnit.MILLISECONDS);
    try {
      long printedBefore = running.outputSize();
      ByteBuffer request = ByteBuffer.allocate(5 + content.length);
      request.put((byte) kind.ordinal()).putInt(content.length).put(content);
      write(running.channel(), request);
      ByteBuffer head = read(running.channel(), 5);
      byte[] answer = read(running.channel(), head.getInt(1)).array();
      Answer found = Answer.values()[head.get(0)];
      if (found == wanted) {
        return decoder.decode(answer);
      } else if (found == Answer.IMPOSSIBLE) {
        throw new MachineException(new String(answer, StandardCharsets.UTF_8));
      }
      throw refused(running.outputSince(printedBefore));
    } catch (IOException e) {
      boolean late = limit.getDelay(TimeUnit.MILLISECONDS) <= 0;
      throw late
          ? new CompileException(
              "the compiler did not finish within " + textTimeout.toSeconds() + " s", "")
          : died(running);
    } finally {
      limit.cancel(false);
      stopWhenIdle();
    }
  }

  /**
   * Begins to start the child, if none is running, for a text that is to come. Does not wait for
   * the child. If the start fails, compiling that text fails.
   */
  public synchronized void prepare() {
    if (coming == null && (child == null || !isUsable(child))) {
      CompletableFuture<ChildJvm> started = new CompletableFuture<>();
      Thread starter = new Thread(() -> complete(started), "compiler-start");
      starter.setDaemon(true);
      starter.start();
      coming = new Coming(starter, started);
      stopWhenIdle();
    }
  }

  private void complete(CompletableFuture<ChildJvm> started) {
    try {
      started.complete(start());
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }

  /** A child that is being started. */
  private record Coming(Thread starter, CompletableFuture<ChildJvm> child) {
    /** Has it leave nothing behind, neither a process nor a file. */
    @SuppressWarnings("FutureReturnValueIgnored") // Closing reports nothing.
    void abandon() {
      child.thenAccept(ChildJvm::close);
      starter.interrupt();
      try {
        starter.join(ABANDON_TIMEOUT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void stopWhenIdle() {
    if (idleStop != null) {
      idleStop.cancel(false);
    }
    idleStop = timer.schedule(this::stop, idleTime.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean isUsable(ChildJvm child) {
    return child.isAlive() && child.channel().isOpen();
  }

  private ChildJvm running() throws MachineException {
    Coming prepared = coming;
    coming = null;
    try {
      ChildJvm known = prepared == null ? child : prepared.child().join();
      child = known;
      if (known == null || !isUsable(known)) {
        stop();
        known = start();
        child = known;
      }
      return known;
    } catch (CompletionException e) {
      throw impossible(e.getCause() instanceof IOException cause ? cause : new IOException(e));
    } catch (IOException e) {
      throw impossible(e);
    }
  }

  private static MachineException impossible(IOException e) {
    return new MachineException("cannot start the compiler: " + IoFailure.sentence(e), e);
  }

  private ChildJvm start() throws IOException {
    Path headers =
        HeaderTree.in(
            PrivateDirectory.subdirectory("headers"),
            Architecture.current(),
            KernelIdentity.release());
    return ChildJvm.start(
        new ChildJvm.Options(
            "compiler",
            javaHome,
            MAX_HEAP_MEGABYTES,
            List.of(),
            Map.of(),
            CompilerMain.class.getName(),
            List.of(headers.toString(), Long.toString(textTimeout.toSeconds() + 1))),
        Confinement::start,
        START_TIMEOUT);
  }

  private CompileException died(ChildJvm dead) {
    Integer exit = dead.awaitExit(Duration.ofSeconds(2));
    String printed = "";
    try {
      printed = dead.outputSince(0);
    } catch (IOException e) {
      // The exception is then thrown without the child's last words.
    }
    stop();
    String how = exit == null ? "closed the connection" : "exited with " + exit;
    if (exit != null && exit > SIGNAL_BASE) {
      int signal = exit - SIGNAL_BASE;
      how = "was ended by " + SIGNALS.getOrDefault(signal, "signal " + signal);
    }
    return new CompileException("the compiler process " + how, printed);
  }

  /**
   * Returns why the child refused a text. libbcc creates the tables when it compiles, which fails
   * without the privilege.
   */
  private static CompileException refused(String printed) throws MachineException {
    if (printed.contains("could not open bpf map") && printed.contains("not permitted")) {
      throw new MachineException(
          "the kernel refuses to create BPF tables (EPERM): run as root, or with CAP_SYS_ADMIN");
    }
    return new CompileException("the generated program does not compile", printed);
  }

  private synchronized void stop() {
    if (coming != null) {
      coming.abandon();
      coming = null;
    }
    if (child != null) {
      child.close();
      child = null;
    }
  }

  /** Stops the child, if one is running. */
  @Override
  public void close() {
    timer.shutdownNow();
    stop();
  }

  /** Returns the child's process id; null if no child is running. */
  public synchronized @Nullable Long childPid() {
    return child != null && child.isAlive() ? child.pid() : null;
  }

  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static ByteBuffer read(SocketChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the compiler process ended");
      }
    }
    return buffer;
  }
}
