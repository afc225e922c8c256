/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.agent.AgentOption;
import io.jargdist.os.Peer;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A folder in which the agent finds the command line's sockets. Only the target's user and root can
 * write into its parent ({@link AgentFolder}). The folder exists only until the agent has
 * connected. Owns the folder.
 */
final class MeetingPlace implements AutoCloseable {
  private static final String CONTROL = "control";
  private static final String BRIDGE = "bridge";

  private final ProcessReference target;
  private final ProcessStatus status;
  private final AgentFolder parent;
  private final TargetFolder folder;
  private boolean closed;

  /**
   * @param parent stays open as long as this object
   */
  MeetingPlace(ProcessReference target, ProcessStatus status, AgentFolder parent)
      throws IOException {
    this.target = target;
    this.status = status;
    this.parent = parent;
    this.folder = parent.makeTemporary();
  }

  /** Returns the options that name this folder's sockets to the agent. */
  String agentOptions(boolean bridge) {
    return option(AgentOption.CONTROL_SOCKET, CONTROL)
        + (bridge ? " " + option(AgentOption.BRIDGE_SOCKET, BRIDGE) : "");
  }

  private String option(AgentOption option, String name) {
    return option.longName() + " " + folder.inside(name);
  }

  /** Returns the socket over which this command asks the agent. */
  ServerSocketChannel listenForControl() throws IOException {
    return listen(CONTROL);
  }

  /** Returns the socket over which the agent uses this process as its bridge. */
  ServerSocketChannel listenForBridge() throws IOException {
    return listen(BRIDGE);
  }

  private ServerSocketChannel listen(String name) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      Path path = folder.toMake(name);
      parent.call(() -> server.bind(UnixDomainSocketAddress.of(path)));
      parent.openToTarget(folder, name);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Waits for the target to connect. The kernel tells which process connects, and every other
   * process is turned away. No other process can have had the target's number meanwhile, since the
   * target got it before this folder was made and still has it.
   */
  SocketChannel accept(ServerSocketChannel server, Waiting waiting) throws IOException {
    Waiting.Wait wait = waiting.begin(waiting.toListen(), silent());
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      while (true) {
        selector.select(wait.leftMillis());
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
  }

  private IOException silent() {
    return new IOException(
        "process " + target.pid() + " has the agent, but does not answer: its stderr may tell");
  }

  /** Removes the folder. Connections stay open. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (folder) {
      parent.act(
          () -> {
            folder.remove(CONTROL);
            folder.remove(BRIDGE);
          });
      parent.remove(folder);
    }
  }
}
