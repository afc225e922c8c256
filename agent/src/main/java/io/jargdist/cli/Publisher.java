/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.LocalBridge;
import io.jargdist.os.ProcessReference;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.Client;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows the probes of a command line as MBeans of the JVM, as long as the command runs. If the JVM
 * does not answer or lets no agent in, one line says so, and the command goes on.
 */
final class Publisher {
  /**
   * How long the command waits for the agent before it begins to count. A JVM that answers needs
   * less.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** After this time a line says that the JVM does not answer. The wait goes on. */
  private static final Duration LATE = Duration.ofSeconds(5);

  private final ProcessReference target;
  private final LocalBridge bridge;
  private final Ending ending;
  private final CountDownLatch settled = new CountDownLatch(1);
  private final CompletableFuture<List<Message.Attach>> counting = new CompletableFuture<>();

  /** Whether the user has read that the JVM is late. Only the publisher's thread uses it. */
  private boolean late;

  private Publisher(ProcessReference target, LocalBridge bridge, Ending ending) {
    this.target = target;
    this.bridge = bridge;
    this.ending = ending;
  }

  /**
   * Begins to load the agent, on a thread of its own.
   *
   * @param target stays open until the command ends
   * @param bridge that counts for the probes
   * @param ending owns the connection to the JVM
   */
  static Publisher start(ProcessReference target, LocalBridge bridge, Ending ending) {
    Publisher publisher = new Publisher(target, bridge, ending);
    Daemon.start("publisher", publisher::run, Output.STDERR::complain);
    return publisher;
  }

  /**
   * Waits a moment for the agent, so that its threads are known before anything is counted. A JVM
   * that does not answer gets the agent later; the first events of the agent's threads are counted
   * then.
   */
  void awaitAgent() throws InterruptedException {
    settled.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Shows probes as soon as the agent is there.
   *
   * @param probes the probes, which count already
   */
  void publish(List<Message.Attach> probes) {
    counting.complete(probes);
  }

  private void run() {
    try {
      Client agent =
          AgentConnection.openPublishing(
              target.pid(),
              ending,
              bridge,
              settled::countDown,
              new Waiting(LATE, LATE, this::stillWaiting));
      for (Message.Attach probe : counting.join()) {
        agent.call(probe, Message.Attached.class, Patience.WITH_AGENT.attach());
      }
      agent.call(
          new Message.Start(Session.GROUP), Message.Started.class, Patience.WITH_AGENT.attach());
    } catch (IOException | ProbeException | IllegalStateException e) {
      if (!ending.hasBegun() && !target.endsWithin(WhileItRuns.GRACE)) {
        Output.STDERR.complain("no MBeans, but the numbers go on: " + IoFailure.sentence(e));
      }
    } finally {
      settled.countDown();
    }
  }

  /** Says once that the JVM does not answer, and goes on waiting until the command ends. */
  private void stillWaiting(IOException why) throws IOException {
    if (ending.hasBegun()) {
      throw why;
    }
    settled.countDown();
    if (!late) {
      late = true;
      Output.STDERR.complain("no MBeans yet, but the numbers go on: " + IoFailure.sentence(why));
    }
  }
}
