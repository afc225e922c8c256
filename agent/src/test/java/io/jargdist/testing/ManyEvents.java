/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A JVM that makes events of many kinds a known number of times: collections, threads, waits for a
 * monitor, connections, look-ups of names, writes to the disk, and blocks of memory.
 */
public final class ManyEvents {
  /** The size of the blocks of memory; nothing else allocates so many bytes. */
  public static final int BLOCK = 54_321;

  private static final int COPIED = 32 << 20;

  private ManyEvents() {}

  public static Target start(Path jdk) throws IOException {
    return Target.start(
        jdk,
        null,
        List.of(
            "-cp",
            HardCalls.classes(),
            "-XX:+UseSerialGC",
            "-XX:+DTraceMonitorProbes",
            "-Dsun.net.inetaddr.ttl=0"),
        List.of(ManyEvents.class.getName(), HardCalls.library().toString()));
  }

  /**
   * @param arguments the library of {@link HardCalls}
   */
  public static void main(String[] arguments) throws Exception {
    System.load(arguments[0]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      System.out.println("ready");
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        int times = Integer.parseInt(line);
        collect(times);
        startThreads(times);
        contend(times);
        connect(times, server);
        lookUp(times);
        write(times);
        HardCalls.allocate(times, BLOCK);
        System.out.println("done");
      }
    }
  }

  /** Each collection has to wait for a thread that copies an array, which cannot be stopped. */
  private static void collect(int times) throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Thread copies =
        new Thread(
            () -> {
              byte[] from = new byte[COPIED];
              byte[] to = new byte[COPIED];
              while (!done.get()) {
                System.arraycopy(from, 0, to, 0, COPIED);
              }
            });
    copies.start();
    for (int i = 0; i < times; i++) {
      System.gc();
    }
    done.set(true);
    copies.join();
  }

  private static void startThreads(int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      Thread thread = new Thread(() -> {});
      thread.start();
      thread.join();
    }
  }

  /** The lock is released as soon as another thread waits for it. */
  private static void contend(int times) throws InterruptedException {
    Object lock = new Object();
    for (int i = 0; i < times; i++) {
      Thread thread =
          new Thread(
              () -> {
                synchronized (lock) {
                  lock.notifyAll();
                }
              });
      synchronized (lock) {
        thread.start();
        while (thread.getState() != Thread.State.BLOCKED) {
          Thread.onSpinWait();
        }
      }
      thread.join();
    }
  }

  private static void connect(int times, ServerSocket server) throws IOException {
    for (int i = 0; i < times; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        server.accept().close();
      }
    }
  }

  private static void lookUp(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      InetAddress.getAllByName("localhost");
    }
  }

  private static void write(int times) throws IOException {
    Path file = Files.createTempFile(Path.of("").toAbsolutePath(), "many-events", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int i = 0; i < times; i++) {
        channel.write(ByteBuffer.allocate(4096));
        channel.force(true);
      }
    } finally {
      Files.delete(file);
    }
  }
}
