/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.child.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bridge process of this JVM, started when it is first needed. Owns it. Thread-safe.
 *
 * <p>The class to start is named, not referred to: the target must not load it.
 */
final class BridgeLink implements BridgeSource, AutoCloseable {
  private static final String MAIN_CLASS = "io.jargdist.bridge.BridgeMain";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_HEAP_MEGABYTES = 96;

  private final Consumer<Message> onNews;
  private final Consumer<Client> onLost;
  private volatile @Nullable ChildJvm child;
  private @Nullable Client client;

  /**
   * @param onNews gets what the bridge says unasked, on a thread of the connection
   * @param onLost gets the connection to a bridge that has ended and was not closed, on the thread
   *     that noticed; by then another one may have been started
   */
  BridgeLink(Consumer<Message> onNews, Consumer<Client> onLost) {
    this.onNews = onNews;
    this.onLost = onLost;
  }

  /** The running bridge, started now if there is none. */
  @Override
  public Client client() throws IOException {
    Client dead;
    synchronized (this) {
      if (client != null && isUp()) {
        return client;
      }
      dead = client;
      close();
    }
    if (dead != null) {
      // Its own thread has not noticed yet, and will not be heard any more.
      onLost.accept(dead);
    }
    return started();
  }

  private boolean isUp() {
    ChildJvm current = child;
    return current != null && current.isAlive();
  }

  private synchronized Client started() throws IOException {
    if (client != null && isUp()) {
      return client;
    }
    close();
    NeededModules.checkBridge();
    ChildJvm started =
        ChildJvm.start(
            new ChildJvm.Options(
                "bridge",
                Path.of(System.getProperty("java.home")),
                MAX_HEAP_MEGABYTES,
                List.of(),
                Map.of(),
                MAIN_CLASS,
                List.of(Long.toString(ProcessHandle.current().pid()))),
            START_TIMEOUT);
    child = started;
    client = Client.start(started.channel(), onNews, () -> lost(started));
    return client;
  }

  private void lost(ChildJvm ended) {
    Client dead;
    synchronized (this) {
      if (child != ended) {
        return;
      }
      dead = client;
      child = null;
      client = null;
    }
    ended.close();
    if (dead != null) {
      onLost.accept(dead);
    }
  }

  /** In one line for people. Never waits, also while a bridge is being started. */
  String state() {
    ChildJvm current = child;
    return current != null && current.isAlive() ? "running, pid " + current.pid() : "not running";
  }

  /** Ends the bridge, and with it every probe. */
  @Override
  public synchronized void close() {
    ChildJvm ending = child;
    child = null;
    client = null;
    if (ending != null) {
      ending.close();
    }
  }
}
