/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.child.ChildJvm;
import io.jargdist.child.PrivateDirectory;
import io.jargdist.codegen.Architecture;
import io.jargdist.compile.CompilerMain.Answer;
import io.jargdist.compile.CompilerMain.Request;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compiles, and decodes machine code, in a child process, which is started when it is needed and
 * stopped when it has been idle for a while. What LLVM does to the child costs the one text that it
 * was working on. One text at a time; others wait.
 */
public final class CompilerProcess implements Compiler, Disassembler, AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
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
  private @Nullable ScheduledFuture<?> idleStop;

  /**
   * @param javaHome the JDK or JRE that runs the child
   * @param idleTime how long the child stays without work
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
      idleStop = timer.schedule(this::stop, idleTime.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private ChildJvm running() throws MachineException {
    if (child != null && child.isAlive() && child.channel().isOpen()) {
      return child;
    }
    stop();
    try {
      Path headers =
          HeaderTree.in(
              PrivateDirectory.subdirectory("headers"),
              Architecture.current(),
              KernelIdentity.release());
      child =
          ChildJvm.start(
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
      return child;
    } catch (IOException e) {
      throw new MachineException("cannot start the compiler: " + IoFailure.sentence(e), e);
    }
  }

  private CompileException died(ChildJvm dead) {
    Integer exit = dead.awaitExit(Duration.ofSeconds(2));
    String printed = "";
    try {
      printed = dead.outputSince(0);
    } catch (IOException e) {
      // Then without its last words.
    }
    stop();
    String how = exit == null ? "closed the connection" : "exited with " + exit;
    if (exit != null && exit > SIGNAL_BASE) {
      int signal = exit - SIGNAL_BASE;
      how = "was ended by " + SIGNALS.getOrDefault(signal, "signal " + signal);
    }
    return new CompileException("the compiler process " + how, printed);
  }

  /** libbcc creates the tables as it compiles: without the privilege, that is what fails. */
  private static CompileException refused(String printed) throws MachineException {
    if (printed.contains("could not open bpf map") && printed.contains("not permitted")) {
      throw new MachineException(
          "the kernel refuses to create BPF tables (EPERM): run as root, or with CAP_SYS_ADMIN");
    }
    return new CompileException("the generated program does not compile", printed);
  }

  private synchronized void stop() {
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

  /** The child's process id; null while none is running. */
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
