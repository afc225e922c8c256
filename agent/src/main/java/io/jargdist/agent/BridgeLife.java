/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.text.IoFailure;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Controls the life of this JVM's own bridge process. The bridge is started when it is first
 * needed, and ended when it has been idle for a while. If it ends by itself, another one takes over
 * its probes. Thread-safe.
 */
final class BridgeLife {
  private static final Duration IDLE = Duration.ofSeconds(10);

  /**
   * How many threads may ask the bridge at once. It compiles one probe after another, and one
   * thread here waits for each of them.
   */
  private static final int MOST_ASKED = 8;

  private final HostSource source;
  private final Supplier<String> state;
  private final BridgeUses uses;
  private final AgentThreads threads;
  private final Probes probes;
  private final Semaphore asked = new Semaphore(MOST_ASKED);
  private final Deque<ManagedProbe<?>> interrupted = new ArrayDeque<>();
  private boolean restarting;

  /** The probes that the bridge counts for. */
  interface Probes {
    /** Returns whether the bridge counts for a probe now. Does not wait. */
    boolean needBridge();

    /** Lets the next bridge attach an interrupted probe. If that is impossible, the probe fails. */
    void attachAgain(ManagedProbe<?> probe);

    void fail(ManagedProbe<?> probe, String reason);
  }

  /** Controls a real bridge process. */
  static BridgeLife ofProcess(ProbeHost.Listener listener, AgentThreads threads, Probes probes) {
    BridgeLink link = new BridgeLink(listener);
    return new BridgeLife(link, link::state, link::release, IDLE, threads, probes);
  }

  /**
   * @param source gives a host that works
   * @param state describes the bridge in one line for people
   * @param release see {@link BridgeUses}
   * @param idle how long the bridge stays although nothing needs it
   */
  BridgeLife(
      HostSource source,
      Supplier<String> state,
      Supplier<Runnable> release,
      Duration idle,
      AgentThreads threads,
      Probes probes) {
    this.source = source;
    this.state = state;
    this.threads = threads;
    this.probes = probes;
    this.uses = new BridgeUses(idle, probes::needBridge, release, threads::later, System::nanoTime);
  }

  /** Returns the source of the host of the bridge's probes. */
  HostSource source() {
    return source;
  }

  String state() {
    return state.get();
  }

  /** A question to a host. */
  interface Question<T> {
    T ask(ProbeHost host) throws ProbeException, IOException;
  }

  /**
   * Asks the host of a source. The bridge is not ended meanwhile. Only a limited number of threads
   * may ask the bridge at once.
   */
  @SuppressWarnings("try") // The open use keeps the bridge.
  <T> T ask(HostSource of, Question<T> question) throws ProbeException {
    boolean limited = of == source;
    if (limited && !asked.tryAcquire()) {
      throw new ProbeException(
          Failure.Kind.MACHINE,
          MOST_ASKED
              + " probes are being attached or checked in this JVM already: try again later");
    }
    try (BridgeUse use = uses.begin()) {
      return question.ask(of.host());
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, IoFailure.sentence(e));
    } finally {
      if (limited) {
        asked.release();
      }
    }
  }

  /** Notes that a probe may not need the bridge any more. */
  void changed() {
    uses.changed();
  }

  /** Ends the bridge now, unless something needs it; waits until it has ended. */
  void endNow() {
    uses.endNow();
  }

  /**
   * Starts another bridge in the background, because the bridge has ended by itself.
   *
   * @param lost the probes that the old bridge counted for
   */
  void restartFor(List<ManagedProbe<?>> lost) {
    synchronized (interrupted) {
      interrupted.addAll(lost);
      if (restarting || interrupted.isEmpty()) {
        return;
      }
      restarting = true;
    }
    boolean started = false;
    try {
      threads.start("jargdist-restart", this::restart);
      started = true;
    } finally {
      if (!started) {
        notRestarted("no thread could be started to attach it again");
      }
    }
  }

  /**
   * Attaches one probe after another, so that a probe that ends the bridge is found and left out.
   */
  @SuppressWarnings("try") // The open use keeps the bridge.
  private void restart() {
    try (BridgeUse use = uses.begin()) {
      ManagedProbe<?> probe;
      while ((probe = next()) != null) {
        probes.attachAgain(probe);
      }
    } catch (Throwable e) {
      notRestarted("a defect of jargdist: " + e);
      throw e;
    }
  }

  private @Nullable ManagedProbe<?> next() {
    synchronized (interrupted) {
      ManagedProbe<?> next = interrupted.poll();
      restarting = next != null;
      return next;
    }
  }

  private void notRestarted(String reason) {
    List<ManagedProbe<?>> left;
    synchronized (interrupted) {
      restarting = false;
      left = new ArrayList<>(interrupted);
      interrupted.clear();
    }
    left.forEach(probe -> probes.fail(probe, reason));
  }
}
