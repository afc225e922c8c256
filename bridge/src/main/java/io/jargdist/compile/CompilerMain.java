/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.bcc.BccModule;
import io.jargdist.bcc.LibBcc;
import io.jargdist.resolve.MachineException;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;

/**
 * The throw-away child that hosts LLVM: reads texts from a socket, answers with images. It ends
 * when the other side does, also in the middle of compiling.
 *
 * <p>A request is a length and the text in UTF-8; an answer is a byte of {@link Answer}, a length
 * and an image or a message. What libbcc prints goes to stderr, which the parent reads.
 */
public final class CompilerMain {
  /** LLVM recurses as deep as expressions nest. */
  private static final long STACK_BYTES = 64L << 20;

  private static final byte PSEUDO_MAP_FD = 1;
  private static final byte LOAD_IMMEDIATE_64 = 0x18;

  /** What an answer holds. */
  enum Answer {
    IMAGE,
    /** The text does not compile. */
    REFUSED,
    /** No text would compile: a message for people. */
    IMPOSSIBLE
  }

  private CompilerMain() {}

  /**
   * @param arguments the socket's path
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    SynchronousQueue<String> texts = new SynchronousQueue<>();
    Thread compiler = new Thread(null, () -> compileAll(texts, channel), "compiler", STACK_BYTES);
    compiler.setDaemon(true);
    compiler.start();
    try {
      while (true) {
        texts.put(readText(channel));
      }
    } catch (EOFException | InterruptedException e) {
      // Native code may be running: halt does not wait for it.
      Runtime.getRuntime().halt(0);
    }
  }

  private static String readText(SocketChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(4);
    fill(channel, length);
    ByteBuffer text = ByteBuffer.allocate(length.getInt(0));
    fill(channel, text);
    return new String(text.array(), StandardCharsets.UTF_8);
  }

  private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }

  private static void compileAll(SynchronousQueue<String> texts, SocketChannel channel) {
    try {
      // Before the first text: loading takes as long as compiling.
      LibBcc libbcc = null;
      String impossible = "";
      try {
        libbcc = BccModule.load();
      } catch (MachineException e) {
        impossible = String.valueOf(e.getMessage());
      }
      while (true) {
        String text = texts.take();
        if (libbcc == null) {
          answer(channel, Answer.IMPOSSIBLE, impossible.getBytes(StandardCharsets.UTF_8));
          continue;
        }
        try (BccModule module = BccModule.compile(libbcc, text)) {
          if (module == null) {
            answer(channel, Answer.REFUSED, new byte[0]);
          } else {
            answer(channel, Answer.IMAGE, image(module).encode());
          }
        }
      }
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(1);
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
      for (int at = 0; at < code.capacity(); at += 8) {
        // struct bpf_insn: opcode, registers (source in the upper half), offset, immediate.
        if (code.get(at) == LOAD_IMMEDIATE_64) {
          if ((code.get(at + 1) >> 4 & 0xf) == PSEUDO_MAP_FD) {
            Integer table = indices.get(code.getInt(at + 4));
            if (table == null) {
              throw new IllegalStateException("a program uses a table that libbcc does not list");
            }
            relocations.add(new ProgramImage.Relocation(at / 8, table));
            code.putInt(at + 4, 0);
          }
          at += 8;
        }
      }
      programs.add(new ProgramImage.Program(function.name(), code, relocations));
    }
    return new ProgramImage(programs, tables);
  }
}
