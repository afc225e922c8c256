/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.bcc.BccModule;
import io.jargdist.bcc.LibBcc;
import io.jargdist.bcc.LlvmDisassembler;
import io.jargdist.os.Confinement;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.Syscalls;
import io.jargdist.resolve.placement.Instruction;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import org.jspecify.annotations.Nullable;

/**
 * The throw-away child that hosts LLVM: it answers texts with images, and machine code with
 * instructions. It ends when the other side does, also in the middle of compiling.
 *
 * <p>A request is a byte of {@link Request}, a length and the text in UTF-8 or a {@link
 * DecodeRequest}; an answer is a byte of {@link Answer}, a length and an image, a {@link Listing}
 * or a message. What libbcc prints goes to stderr, which the parent reads.
 */
public final class CompilerMain {
  /** LLVM recurses as deep as expressions nest. */
  private static final long STACK_BYTES = 64L << 20;

  private static final int O_PATH = 0x200000;

  /** The content of a request. */
  enum Request {
    TEXT,
    CODE
  }

  /** The content of an answer. */
  enum Answer {
    IMAGE,
    LISTING,
    /** The text does not compile. */
    REFUSED,
    /** Nothing would compile, or be decoded: a message for people. */
    IMPOSSIBLE
  }

  private record Task(Request kind, ByteBuffer content) {}

  /** Of the only thread that decodes. */
  private static @Nullable LlvmDisassembler disassembler;

  private CompilerMain() {}

  /**
   * @param arguments the socket's path, the folder of the kernel headers, and how many seconds a
   *     task may take at most
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    SynchronousQueue<Task> tasks = new SynchronousQueue<>();
    Path headers = Path.of(arguments[1]);
    int timeout = Integer.parseInt(arguments[2]);
    Thread compiler =
        new Thread(
            null, () -> carryOutAll(tasks, channel, headers, timeout), "compiler", STACK_BYTES);
    compiler.setDaemon(true);
    compiler.start();
    try {
      while (true) {
        tasks.put(readTask(channel));
      }
    } catch (EOFException | InterruptedException e) {
      // Native code may be running: halt does not wait for it.
      Runtime.getRuntime().halt(0);
    }
  }

  private static Task readTask(SocketChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(5);
    fill(channel, head);
    ByteBuffer content = ByteBuffer.allocate(head.getInt(1));
    fill(channel, content);
    return new Task(Request.values()[head.get(0)], content.flip());
  }

  private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }

  private static void carryOutAll(
      SynchronousQueue<Task> tasks, SocketChannel channel, Path headers, int timeout) {
    try {
      // The library is loaded before the first text comes, since loading takes as long as
      // compiling.
      LibBcc libbcc = null;
      String impossible = "";
      try {
        libbcc = LibBcc.load();
      } catch (MachineException e) {
        impossible = String.valueOf(e.getMessage());
      }
      confine(headers);
      while (true) {
        Task task = tasks.take();
        Syscalls.endAfter(timeout);
        if (libbcc == null) {
          answer(channel, Answer.IMPOSSIBLE, impossible.getBytes(StandardCharsets.UTF_8));
        } else if (task.kind() == Request.CODE) {
          decode(DecodeRequest.decode(task.content()), channel);
        } else {
          compile(libbcc, StandardCharsets.UTF_8.decode(task.content()).toString(), channel);
        }
        Syscalls.endAfter(0);
      }
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  /**
   * Gives up the rights of this process, which works on foreign texts from now on. First it opens
   * what needs these rights: all jars of the class path, and the folder of the headers, which
   * libbcc reads again for each text.
   */
  private static void confine(Path headers) throws IOException {
    try {
      int folder = Syscalls.open("opening " + headers, headers.toString(), O_PATH);
      Syscalls.setEnvironment("BCC_KERNEL_SOURCE", "/proc/self/fd/" + folder);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
    ClassLoader.getSystemResource("a search for what is nowhere opens all jars");
    Confinement.compute();
  }

  private static void compile(LibBcc libbcc, String text, SocketChannel channel)
      throws IOException {
    try (BccModule module = BccModule.compile(libbcc, text)) {
      if (module == null) {
        answer(channel, Answer.REFUSED, new byte[0]);
      } else {
        answer(channel, Answer.IMAGE, image(module).encode());
      }
    }
  }

  private static void decode(DecodeRequest request, SocketChannel channel) throws IOException {
    try {
      if (disassembler == null) {
        disassembler = LlvmDisassembler.load();
      }
      List<Instruction> found = disassembler.disassemble(request.code(), request.everywhere());
      answer(channel, Answer.LISTING, Listing.encode(found));
    } catch (MachineException e) {
      String message = String.valueOf(e.getMessage());
      answer(channel, Answer.IMPOSSIBLE, message.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void answer(SocketChannel channel, Answer kind, byte[] content)
      throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(5 + content.length);
    answer.put((byte) kind.ordinal()).putInt(content.length).put(content).flip();
    while (answer.hasRemaining()) {
      channel.write(answer);
    }
  }

  private static ProgramImage image(BccModule module) {
    List<ProgramImage.Table> tables = new ArrayList<>();
    Map<Integer, Integer> indices = new HashMap<>();
    for (BccModule.Table table : module.tables()) {
      indices.put(table.fd(), tables.size());
      tables.add(
          new ProgramImage.Table(
              table.name(),
              table.type(),
              table.keySize(),
              table.valueSize(),
              table.maxEntries(),
              table.flags()));
    }
    List<ProgramImage.Program> programs = new ArrayList<>();
    for (BccModule.Function function : module.functions()) {
      ByteBuffer code = function.instructions();
      List<ProgramImage.Relocation> relocations = new ArrayList<>();
      int size = BpfInstruction.SIZE;
      for (int at = 0; at < code.capacity(); at += size) {
        if (BpfInstruction.CODE.get(code, at) == BpfInstruction.LOAD_64) {
          int registers = (int) BpfInstruction.REGISTERS.get(code, at);
          if (BpfInstruction.source(registers) == BpfInstruction.TABLE) {
            Integer table = indices.get((int) BpfInstruction.IMMEDIATE.get(code, at));
            if (table == null) {
              throw new IllegalStateException("a program uses a table that libbcc does not list");
            }
            relocations.add(new ProgramImage.Relocation(at / size, table));
            BpfInstruction.IMMEDIATE.put(code, at, 0);
          }
          at += size;
        }
      }
      programs.add(new ProgramImage.Program(function.name(), code, relocations));
    }
    return new ProgramImage(programs, tables);
  }
}
