/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Peer;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import io.jargdist.os.UserRights;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * A folder in the target's /tmp in which the agent finds the command line's sockets, and the jar if
 * the target cannot see ours. It belongs to the target's user, is closed to everybody else, and is
 * there only until the agent has connected. Owns the folder.
 */
final class MeetingPlace implements AutoCloseable {
  private static final String TMP = "/tmp";
  private static final String JAR = "jargdist.jar";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final List<String> FILES = List.of(JAR, "control", "bridge");

  private final ProcessReference target;
  private final ProcessStatus status;
  private final UserRights rights;
  private final TargetFolder tmp;
  private final TargetFolder folder;
  private final String name;
  private boolean closed;

  private MeetingPlace(
      ProcessReference target,
      ProcessStatus status,
      UserRights rights,
      TargetFolder tmp,
      TargetFolder folder,
      String name) {
    this.target = target;
    this.status = status;
    this.rights = rights;
    this.tmp = tmp;
    this.folder = folder;
    this.name = name;
  }

  static MeetingPlace create(ProcessReference target) throws IOException {
    ProcessStatus status = ProcessStatus.of(Long.toString(target.pid()));
    UserRights rights = new UserRights(status);
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    String name = ".jargdist-" + HexFormat.of().formatHex(random);
    return rights.call(
        () -> {
          TargetFolder tmp = TargetFolder.open(target.pid(), TMP);
          try {
            Files.createDirectory(
                tmp.file(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new MeetingPlace(target, status, rights, tmp, tmp.below(name), name);
          } catch (IOException e) {
            tmp.close();
            throw e;
          }
        });
  }

  /** The path of a file of this folder, as the target sees it. */
  String inside(String file) {
    return TMP + "/" + name + "/" + file;
  }

  /** Whether the target can open our jar by the path that we know it by. */
  boolean canSee(Path jar) throws IOException {
    return rights.call(
        () -> {
          try (TargetFolder parent =
              TargetFolder.open(target.pid(), String.valueOf(jar.getParent()))) {
            Path seen = parent.file(String.valueOf(jar.getFileName()));
            return Files.isReadable(seen) && Files.isSameFile(seen, jar);
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Copies the jar into this folder, and answers its path there. */
  String copy(Path jar) throws IOException {
    byte[] content = Files.readAllBytes(jar);
    rights.call(() -> Files.write(folder.file(JAR), content));
    return inside(JAR);
  }

  ServerSocketChannel listen(String file) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return rights.call(() -> server.bind(UnixDomainSocketAddress.of(folder.file(file))));
  }

  /** Loads the agent; answers what the JVM says about it. */
  String loadAgent(String agent) throws IOException {
    return rights.call(() -> HotSpotAttach.loadAgent(target, tmp, agent));
  }

  /**
   * Waits for the target to connect. Whoever else does is turned away: the kernel says who it is.
   * Since the target had its number before this folder was made, and has it still, nobody else has
   * had it in between.
   */
  SocketChannel accept(ServerSocketChannel server) throws IOException {
    long deadline = System.nanoTime() + CONNECT_TIMEOUT.toNanos();
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      for (long left = CONNECT_TIMEOUT.toMillis();
          left > 0;
          left = (deadline - System.nanoTime()) / 1_000_000) {
        selector.select(left);
        selector.selectedKeys().clear();
        SocketChannel channel = server.accept();
        if (channel != null) {
          Peer peer = Peer.of(channel);
          if (peer.pid() == target.pid()
              && peer.uid() == status.effectiveUid()
              && target.isSame()) {
            return channel;
          }
          channel.close();
        }
      }
    }
    throw new IOException(
        "process "
            + target.pid()
            + " has the agent, but does not answer: its stderr may tell, or it has another"
            + " version of jargdist");
  }

  /** Removes the folder. Whoever is connected stays so. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (tmp;
        folder) {
      rights.call(
          () -> {
            for (String file : FILES) {
              Files.deleteIfExists(folder.file(file));
            }
            return Files.deleteIfExists(tmp.file(name));
          });
    }
  }
}
