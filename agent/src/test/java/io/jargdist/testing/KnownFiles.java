/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that uses files and sockets as it is told on stdin, a command a line. It prints {@code
 * ready}, and {@code done} after each command.
 */
public final class KnownFiles {
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
    switch (words[0]) {
      case "connect" -> connect(times, new InetSocketAddress(words[2], Integer.parseInt(words[3])));
      case "send" -> send(times, new InetSocketAddress(words[2], Integer.parseInt(words[3])));
      default -> throw new IllegalArgumentException(words[0]);
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
