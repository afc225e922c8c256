/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.LocalBridge;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import io.jargdist.os.TargetRights;
import io.jargdist.wire.Client;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Loads the agent into a JVM and connects to it. */
final class AgentConnection {
  static final Duration DETACH_TIMEOUT = Duration.ofSeconds(10);

  private AgentConnection() {}

  /**
   * Connects to an agent that starts its own bridge, with the privileges of its JVM.
   *
   * @param ending owns the connection
   * @param onEnd runs when the JVM has ended or has closed the connection
   * @throws IOException if the JVM cannot be reached; the message is one line with the reason and
   *     what to do
   */
  static Client open(long pid, Ending ending, Runnable onEnd) throws IOException {
    return open(pid, ending, onEnd, null, true, Waiting.LIMITED);
  }

  /**
   * Connects to the agent of a JVM without loading one.
   *
   * @throws IOException also if the JVM has no agent
   */
  static Client openLoaded(long pid, Ending ending, Runnable onEnd) throws IOException {
    return open(pid, ending, onEnd, null, false, Waiting.LIMITED);
  }

  /** Returns why the connection has ended although the process still runs. */
  static IOException closed(long pid) {
    return new IOException("the agent in process " + pid + " has closed the connection");
  }

  /**
   * Connects to an agent that shows what a bridge in this process counts.
   *
   * @param onThreads see {@link LocalBridge#publish}
   */
  static Client openPublishing(
      long pid, Ending ending, LocalBridge bridge, Runnable onThreads, Waiting waiting)
      throws IOException {
    return open(
        pid, ending, () -> {}, channel -> bridge.publish(channel, onThreads), true, waiting);
  }

  private interface BridgeEnd {
    void serve(SocketChannel channel);
  }

  private static Client open(
      long pid,
      Ending ending,
      Runnable onEnd,
      @Nullable BridgeEnd bridge,
      boolean mayLoad,
      Waiting waiting)
      throws IOException {
    TargetJvm.check(pid);
    ProcessReference target = ending.owns(ProcessReference.open(pid));
    ProcessStatus status = ProcessStatus.of(Long.toString(pid));
    TargetRights rights = new TargetRights(pid, status);
    AgentFolder folder = ending.owns(AgentFolder.open(target, status, rights));
    MeetingPlace place = ending.owns(new MeetingPlace(target, status, folder));
    try (TargetFolder tmp = folder.tmp();
        ServerSocketChannel control = place.listenForControl();
        ServerSocketChannel bridgeServer = bridge == null ? null : place.listenForBridge()) {
      HotSpotAttach jvm = new HotSpotAttach(target, status, rights, tmp, waiting);
      String agentJar = AgentJar.choose(pid, jvm, folder, mayLoad);
      TargetJvm.loaded(pid, jvm.loadAgent(agentJar + "=" + place.agentOptions(bridge != null)));
      SocketChannel agent = place.accept(control, waiting);
      if (bridge != null && bridgeServer != null) {
        SocketChannel channel = place.accept(bridgeServer, waiting);
        Thread server = new Thread(() -> bridge.serve(channel), "bridge-server");
        server.setDaemon(true);
        server.start();
      }
      return ending.owns(Client.start(agent, onEnd));
    } finally {
      place.close();
    }
  }
}
