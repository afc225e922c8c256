/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Peer;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * HotSpot's attach protocol, version 1 (attachListener_posix.cpp of JDK 17 to 25), as the module
 * jdk.attach speaks it, which a JRE image may not have.
 *
 * <p>A file in the JVM's /tmp and SIGQUIT make it listen on a socket there; a request is its
 * version, a command and three arguments, each ended by a NUL; the answer is a number in the first
 * line and text.
 */
final class HotSpotAttach {
  private static final Duration LISTEN_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final int SIGQUIT = 3;

  private HotSpotAttach() {}

  /**
   * Loads a Java agent. To be called with the rights of the JVM's user.
   *
   * @param tmp the JVM's /tmp
   * @param agent the jar's path as the JVM sees it, {@code =} and options; below 1024 bytes
   * @return what the JVM answered, beginning with {@code "0\n"} and {@code "return code: 0"} if all
   *     is well
   */
  static String loadAgent(ProcessReference target, TargetFolder tmp, String agent)
      throws IOException {
    ProcessStatus status = ProcessStatus.of(Long.toString(target.pid()));
    Path socket = tmp.file(".java_pid" + status.innermostPid());
    if (!Files.exists(socket)) {
      makeListen(target, status, tmp.file(".attach_pid" + status.innermostPid()), socket);
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      if (Peer.of(channel).pid() != target.pid()) {
        throw new IOException("another process listens on the socket of process " + target.pid());
      }
      String request = "1\0load\0instrument\0false\0" + agent + "\0";
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  private static void makeListen(
      ProcessReference target, ProcessStatus status, Path trigger, Path socket) throws IOException {
    // Without a handler, SIGQUIT would end the process.
    if (!status.catches(SIGQUIT)) {
      throw new IOException(
          "process " + target.pid() + " is not ready to let agents in, or was started with -Xrs");
    }
    Files.deleteIfExists(trigger);
    Files.createFile(trigger);
    try {
      target.quit();
      long deadline = System.nanoTime() + LISTEN_TIMEOUT.toNanos();
      while (!Files.exists(socket)) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "process " + target.pid() + " does not answer (is it stopped, or busy?)");
        }
        Thread.sleep(POLL.toMillis());
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(trigger);
    }
  }
}
