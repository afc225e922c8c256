/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that uses files and sockets as it is told on stdin, a command a line. It prints {@code
 * ready}, and {@code done} after each command.
 */
public final class KnownFiles {
  /** How many bytes it writes at a time. */
  public static final int BYTES = 4099;

  public static final int THREADS = 4;

  private KnownFiles() {}

  /**
   * Starts one.
   *
   * @param agentOptions null for a JVM without the agent
   */
  public static Target start(Path jdk, @Nullable String agentOptions) throws IOException {
    return Target.start(
        jdk,
        agentOptions,
        List.of("-cp", HardCalls.classes()),
        List.of(KnownFiles.class.getName()));
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      run(line.split(" ", -1));
      System.out.println("done");
    }
  }

  private static void run(String[] words) throws IOException {
    int times = Integer.parseInt(words[1]);
    String path = words.length > 2 ? words[2] : "";
    switch (words[0]) {
      case "connect" -> connect(times, peer(words));
      case "send" -> send(times, peer(words));
      case "write" -> {
        try (FileOutputStream file = new FileOutputStream(path, true)) {
          write(times, file.getChannel());
        }
      }
      case "delete" -> {
        try (FileOutputStream file = new FileOutputStream(path)) {
          write(1, file.getChannel());
          Files.delete(Path.of(path));
          write(times, file.getChannel());
        }
      }
      case "rename" -> {
        try (FileOutputStream file = new FileOutputStream(path)) {
          write(1, file.getChannel());
          Files.move(Path.of(path), Path.of(words[3]));
          write(times, file.getChannel());
        }
      }
      case "reuse" -> reuse(times, path);
      case "socket" -> {
        try (SocketChannel socket = SocketChannel.open(peer(words))) {
          write(times, socket);
        }
      }
      case "datagram" -> {
        try (DatagramChannel socket = DatagramChannel.open().connect(peer(words))) {
          write(times, socket);
        }
      }
      case "unix" -> {
        try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
          write(times, socket);
        }
      }
      case "crowd" -> crowd(times, path);
      case "pipe" -> pipe(times);
      case "select" -> select(times);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private static InetSocketAddress peer(String[] words) {
    return new InetSocketAddress(words[2], Integer.parseInt(words[3]));
  }

  /** Writes so many times as many bytes as nothing else does. */
  private static void write(int times, WritableByteChannel channel) throws IOException {
    for (int i = 0; i < times; i++) {
      channel.write(ByteBuffer.allocate(BYTES));
    }
  }

  /**
   * Opens as many files, one after the other, writes once to the first, twice to the second, ...,
   * and deletes each. So all have the same descriptor, and may have the same inode.
   *
   * @param path of each, before its number
   */
  private static void reuse(int files, String path) throws IOException {
    for (int i = 1; i <= files; i++) {
      try (FileOutputStream file = new FileOutputStream(path + i)) {
        write(i, file.getChannel());
      }
      Files.delete(Path.of(path + i));
    }
  }

  /** Several threads at once open, write once to, and close as many files, each the same ones. */
  private static void crowd(int files, String path) {
    IntStream.range(0, THREADS)
        .mapToObj(
            thread ->
                CompletableFuture.runAsync(
                    () -> {
                      for (int i = 1; i <= files; i++) {
                        try (FileOutputStream file = new FileOutputStream(path + i)) {
                          write(1, file.getChannel());
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      }
                    },
                    command -> new Thread(command).start()))
        .toList()
        .forEach(CompletableFuture::join);
  }

  private static void pipe(int times) throws IOException {
    Pipe pipe = Pipe.open();
    try (Pipe.SinkChannel sink = pipe.sink();
        Pipe.SourceChannel source = pipe.source()) {
      for (int i = 0; i < times; i++) {
        write(1, sink);
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        while (buffer.hasRemaining()) {
          source.read(buffer);
        }
      }
    }
  }

  private static void select(int times) throws IOException {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < times; i++) {
        selector.wakeup();
        selector.select();
      }
    }
  }

  /** Connects and closes so many sockets. */
  private static void connect(int times, InetSocketAddress peer) throws IOException {
    for (int i = 0; i < times; i++) {
      SocketChannel.open(peer).close();
    }
  }

  /** Sends so many datagrams of one byte from a socket that is not connected. */
  private static void send(int times, InetSocketAddress peer) throws IOException {
    try (DatagramChannel socket = DatagramChannel.open()) {
      for (int i = 0; i < times; i++) {
        socket.send(ByteBuffer.wrap(new byte[] {1}), peer);
      }
    }
  }
}
