/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.FileStatus;
import io.jargdist.os.Peer;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import io.jargdist.os.TargetRights;
import io.jargdist.os.TargetSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Speaks HotSpot's attach protocol, version 1 (attachListener_posix.cpp of JDK 17 to 25). The
 * module jdk.attach speaks it, too, but a JRE image may lack that module.
 *
 * <p>A file in the JVM's /tmp and SIGQUIT make the JVM listen on a socket there. A request has the
 * version, a command and three arguments, each ended by a NUL. The answer has a number in the first
 * line, and then text. Each request has a connection of its own. A process that only claims to be a
 * JVM cannot make us wait for ever or keep more than {@value #LONGEST_ANSWER} bytes of its answer.
 */
final class HotSpotAttach {
  /**
   * The limit of an answer in bytes. The longest answers that we ask for are system properties,
   * which contain class paths.
   */
  static final int LONGEST_ANSWER = 4 << 20;

  private static final Duration POLL = Duration.ofMillis(10);
  private static final int SIGQUIT = 3;
  private static final int TRIGGER_MODE = 0600;

  private final ProcessReference target;
  private final ProcessStatus status;
  private final TargetRights rights;
  private final TargetFolder tmp;
  private final Waiting waiting;

  /**
   * @param rights of the JVM's user
   * @param tmp the JVM's /tmp
   */
  HotSpotAttach(
      ProcessReference target,
      ProcessStatus status,
      TargetRights rights,
      TargetFolder tmp,
      Waiting waiting) {
    this.target = target;
    this.status = status;
    this.rights = rights;
    this.tmp = tmp;
    this.waiting = waiting;
  }

  /**
   * Loads a Java agent.
   *
   * @param agent the jar's path as the JVM sees it, {@code =} and options; below 1024 bytes
   * @return what the JVM answered, beginning with {@code "0\n"} and {@code "return code: 0"} if all
   *     is well
   */
  String loadAgent(String agent) throws IOException {
    return ask("load", "instrument", "false", agent);
  }

  /**
   * Asks for the JVM's system properties.
   *
   * @return what the JVM answered: {@code "0\n"} and lines as {@link java.util.Properties} reads
   *     them
   */
  String systemProperties() throws IOException {
    return ask("properties", "", "", "");
  }

  private String ask(String command, String first, String second, String third) throws IOException {
    String socket = ".java_pid" + status.innermostPid();
    if (!exists(socket)) {
      makeListen(".attach_pid" + status.innermostPid(), socket);
    }
    try (SocketChannel channel = connect(socket)) {
      if (Peer.of(channel).pid() != target.pid()) {
        throw new IOException("another process listens on the socket of process " + target.pid());
      }
      String request = String.join("\0", "1", command, first, second, third) + "\0";
      return answer(channel, ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * Returns whether the JVM's socket exists. A killed JVM leaves its socket behind. A later process
   * with the same number cannot replace the file if it belongs to another user, because HotSpot's
   * unlink(2) fails in a folder with the sticky bit.
   *
   * @throws IOException if a file of another user is in the way
   */
  private boolean exists(String socket) throws IOException {
    FileStatus found = rights.call(() -> Optional.ofNullable(tmp.status(socket))).orElse(null);
    if (found != null && found.uid() != status.effectiveUid()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "/tmp/%s is in the way: it belongs to user %s, process %d runs as user %s;"
                  + " a process that was killed has left it: rm /proc/%d/root/tmp/%s",
              socket,
              Integer.toUnsignedString(found.uid()),
              target.pid(),
              Integer.toUnsignedString(status.effectiveUid()),
              target.pid(),
              socket));
    }
    return found != null;
  }

  /** Connects with the rights of the JVM's user, since the JVM checks them. */
  private SocketChannel connect(String name) throws IOException {
    return rights.call(
        () -> {
          try (TargetSocket socket = tmp.socket(name)) {
            return socket.connect();
          }
        });
  }

  private String answer(SocketChannel channel, ByteBuffer request) throws IOException {
    Waiting.Wait wait = waiting.begin(waiting.toAnswer(), silent(waiting.toAnswer()));
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      while (true) {
        selector.select(wait.leftMillis());
        selector.selectedKeys().clear();
        if (request.hasRemaining()) {
          channel.write(request);
          key.interestOps(request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
          continue;
        }
        int read = channel.read(buffer);
        if (read < 0) {
          return answer.toString(StandardCharsets.UTF_8);
        }
        if (answer.size() + read > LONGEST_ANSWER) {
          throw new IOException(
              "process " + target.pid() + " answers more than a JVM would: it is not sound");
        }
        answer.write(buffer.array(), 0, read);
        buffer.clear();
      }
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains("Broken pipe") || message.contains("Connection reset")
          ? new IOException(
              "process "
                  + target.pid()
                  + " closed the connection: its JVM does not let this user in (who must be its own"
                  + " or root), or has ended",
              e)
          : e;
    }
  }

  private IOException silent(Duration waited) {
    return new IOException(
        "process "
            + target.pid()
            + " does not answer within "
            + waited.toSeconds()
            + " s (is it stopped, or busy?)");
  }

  private IOException stopped() {
    return new IOException(
        String.format(
            Locale.ROOT,
            "process %1$d is stopped, by a signal or a debugger: kill -CONT %1$d lets it go on",
            target.pid()));
  }

  /**
   * @param trigger a file that tells the JVM what the signal means. It stays if the JVM does not
   *     answer. The signal is still pending then, and without the file the JVM would print all its
   *     threads
   */
  private void makeListen(String trigger, String socket) throws IOException {
    // A stopped JVM would get the signal when it goes on, and would then print all its threads.
    await(
        () -> !ProcessStatus.of(Long.toString(target.pid())).isStopped(), Duration.ZERO, stopped());
    // Without a handler, SIGQUIT would end the process.
    if (!status.catches(SIGQUIT)) {
      throw new IOException(
          "process " + target.pid() + " is not ready to let agents in, or was started with -Xrs");
    }
    rights.act(
        () -> {
          tmp.remove(trigger);
          tmp.makeFile(trigger, TRIGGER_MODE);
        });
    target.quit();
    await(() -> exists(socket), waiting.toListen(), silent(waiting.toListen()));
    rights.act(() -> tmp.remove(trigger));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(Condition condition, Duration limit, IOException late) throws IOException {
    Waiting.Wait wait = waiting.begin(limit, late);
    while (!condition.holds()) {
      wait.check();
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }
}
