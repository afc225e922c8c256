/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.child.ChildJvm;
import io.jargdist.child.PrivateDirectory;
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
  private final Runnable onLost;
  private volatile @Nullable ChildJvm child;
  private @Nullable Client client;

  /**
   * @param onNews gets what the bridge says unasked, on a thread of the connection
   * @param onLost run when a bridge has ended that was not closed, on a thread of the connection
   */
  BridgeLink(Consumer<Message> onNews, Runnable onLost) {
    this.onNews = onNews;
    this.onLost = onLost;
  }

  /** The running bridge, started now if there is none. */
  @Override
  public synchronized Client client() throws IOException {
    if (client != null && child != null && child.isAlive()) {
      return client;
    }
    close();
    NeededModules.checkBridge();
    Path natives = PrivateDirectory.subdirectory("native");
    ChildJvm started =
        ChildJvm.start(
            new ChildJvm.Options(
                "bridge",
                Path.of(System.getProperty("java.home")),
                MAX_HEAP_MEGABYTES,
                List.of("jffi.extract.dir=" + natives),
                Map.of(),
                MAIN_CLASS,
                List.of(Long.toString(ProcessHandle.current().pid()))),
            START_TIMEOUT);
    child = started;
    client = Client.start(started.channel(), onNews, () -> lost(started));
    return client;
  }

  private void lost(ChildJvm ended) {
    synchronized (this) {
      if (child != ended) {
        return;
      }
      child = null;
      client = null;
    }
    ended.close();
    onLost.run();
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
