/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.child.ChildJvm;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.RemoteHost;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts the bridge process of this JVM when it is first needed. Owns the process. Thread-safe.
 *
 * <p>The bridge's class is known only by its name, since the target must not load it.
 */
final class BridgeLink implements HostSource {
  private static final String MAIN_CLASS = "io.jargdist.bridge.BridgeMain";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_HEAP_MEGABYTES = 96;

  private final ProbeHost.Listener listener;

  /** This lock is held while a bridge is started, which takes some time. */
  private final Object starting = new Object();

  private volatile @Nullable BridgeProcess current;

  /** A bridge process and the connection to it. They begin and end together. */
  private record BridgeProcess(ChildJvm child, RemoteHost host) {}

  /**
   * @param listener is called on a thread of the connection; when it hears that a bridge is lost,
   *     another one may run already
   */
  BridgeLink(ProbeHost.Listener listener) {
    this.listener = listener;
  }

  /** Returns the running bridge, or starts one if there is none. */
  @Override
  public ProbeHost host() throws IOException {
    BridgeProcess dead;
    synchronized (starting) {
      BridgeProcess known = current;
      if (known != null && known.child().isAlive() && !known.host().isClosed()) {
        return known.host();
      }
      dead = take(known);
      BridgeProcess started = started();
      current = started;
      if (dead == null) {
        return started.host();
      }
    }
    // The connection's thread has not noticed the end yet. Its later report will be ignored.
    end(dead);
    listener.lost(dead.host());
    return host();
  }

  private BridgeProcess started() throws IOException {
    NeededModules.checkBridge();
    ChildJvm child =
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
    boolean connected = false;
    try {
      RemoteHost host =
          RemoteHost.start(child.channel(), Patience.WITH_BRIDGE, listener, () -> closed(child));
      connected = true;
      return new BridgeProcess(child, host);
    } catch (IOException e) {
      String printed = child.outputSince(0);
      throw printed.isEmpty()
          ? e
          : new IOException("the bridge did not begin to work: " + printed, e);
    } finally {
      if (!connected) {
        child.close();
      }
    }
  }

  private void closed(ChildJvm child) {
    BridgeProcess known = current;
    if (known != null && known.child() == child && take(known) != null) {
      end(known);
      listener.lost(known.host());
    }
  }

  /**
   * Takes the current bridge if it is the known one. The caller must end the bridge that it gets.
   */
  private synchronized @Nullable BridgeProcess take(@Nullable BridgeProcess known) {
    if (known == null || !known.equals(current)) {
      return null;
    }
    current = null;
    return known;
  }

  private static void end(BridgeProcess bridge) {
    bridge.host().close();
    bridge.child().close();
  }

  /**
   * Describes the state in one line for people. Never waits, also while a bridge is being started.
   */
  String state() {
    BridgeProcess known = current;
    return known != null && known.child().isAlive()
        ? "running, pid " + known.child().pid()
        : "not running";
  }

  /**
   * Takes the bridge, so that later callers of {@link #host} get another one. Does not wait.
   *
   * @return a task that ends the bridge, and with it every probe
   */
  Runnable release() {
    BridgeProcess taken = take(current);
    return taken == null ? () -> {} : () -> end(taken);
  }
}
