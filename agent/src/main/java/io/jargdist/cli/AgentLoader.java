/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.protocol.Client;
import io.jargdist.child.BundledLibraries;
import io.jargdist.child.PrivateDirectory;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import net.bytebuddy.agent.ByteBuddyAgent;

/** Loads the agent into a JVM, and waits until it has connected to us. */
final class AgentLoader {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private AgentLoader() {}

  /**
   * @param onEnd run when the JVM has ended or dropped us
   * @throws IOException in one line why the JVM cannot be reached, and what to do
   */
  static Client load(long pid, Runnable onEnd) throws IOException {
    checkProcess(pid);
    Path directory = PrivateDirectory.createTemporary();
    Path socket = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      attach(pid, BundledLibraries.self().toFile(), "--control-socket '" + socket + "'");
      return Client.start(accept(server, pid), onEnd);
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static void checkProcess(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    if (!Files.exists(process)) {
      throw new IOException("there is no process " + pid + ": jargdist list shows the JVMs");
    }
    Object owner = Files.getAttribute(process, "unix:uid");
    Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    if (!owner.equals(self) && !self.equals(0)) {
      throw new IOException(
          "process "
              + pid
              + " belongs to another user (uid "
              + owner
              + "): run as that user or as root");
    }
    try {
      if (!Files.readString(process.resolve("maps")).contains("/libjvm.so")) {
        throw new IOException("process " + pid + " is not a JVM: jargdist list shows them");
      }
    } catch (java.nio.file.AccessDeniedException e) {
      throw new IOException("process " + pid + " may not be inspected: run as root", e);
    }
    if (Files.readString(process.resolve("cmdline")).contains("-XX:+DisableAttachMechanism")) {
      throw disabled(pid);
    }
  }

  private static IOException disabled(long pid) {
    return new IOException(
        "process "
            + pid
            + " does not let agents in (-XX:+DisableAttachMechanism or -XX:-EnableDynamicAgentLoading):"
            + " start it with -javaagent:jargdist.jar");
  }

  private static void attach(long pid, File jar, String arguments) throws IOException {
    try {
      ByteBuddyAgent.attach(jar, Long.toString(pid), arguments);
    } catch (IllegalStateException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String reason = String.valueOf(cause.getMessage());
      if (reason.contains("Dynamic agent loading is not enabled")
          || reason.contains("Failed to load agent library")) {
        throw disabled(pid);
      }
      throw new IOException(
          "cannot load the agent into process "
              + pid
              + " ("
              + reason.lines().findFirst().orElse("")
              + "): start it with -javaagent:jargdist.jar",
          e);
    }
  }

  private static SocketChannel accept(ServerSocketChannel server, long pid) throws IOException {
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      selector.select(CONNECT_TIMEOUT.toMillis());
      SocketChannel channel = server.accept();
      if (channel == null) {
        throw new IOException(
            "process " + pid + " has the agent, but does not answer: can it read our socket?");
      }
      return channel;
    }
  }
}
