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
 * The life of this JVM's own bridge process. It is started when it is first needed, ended when it
 * has been idle for a while, and when it has ended by itself another one takes over its probes.
 * Thread-safe.
 */
final class BridgeLife {
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** A bridge compiles one probe after another, and each is one waiting thread here. */
  private static final int MOST_ASKED = 8;

  private final HostSource source;
  private final Supplier<String> state;
  private final BridgeUses uses;
  private final AgentThreads threads;
  private final Probes probes;
  private final Semaphore asked = new Semaphore(MOST_ASKED);
  private final Deque<ManagedProbe<?>> interrupted = new ArrayDeque<>();
  private boolean restarting;

  /** Those that the bridge counts for. */
  interface Probes {
    /** Whether the bridge counts for one now. Does not wait. */
    boolean needBridge();

    /** Has an interrupted probe attached by the next bridge, or failed. */
    void attachAgain(ManagedProbe<?> probe);

    void fail(ManagedProbe<?> probe, String reason);
  }

  /** The life of a process. */
  static BridgeLife ofProcess(ProbeHost.Listener listener, AgentThreads threads, Probes probes) {
    BridgeLink link = new BridgeLink(listener);
    return new BridgeLife(link, link::state, link::release, IDLE, threads, probes);
  }

  /**
   * @param source where a host that works comes from
   * @param state how it is, in one line for people
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

  /** Where its probes get their host from. */
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
   * Asks the host of a source, which is not ended meanwhile. The bridge is asked by a limited
   * number of threads at once.
   */
  @SuppressWarnings("try") // That there is a use of the bridge is what it is for.
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

  /** A probe that needed the bridge may not need it any more. */
  void changed() {
    uses.changed();
  }

  /** Ends the bridge now, unless something needs it; waits until it has ended. */
  void endNow() {
    uses.endNow();
  }

  /**
   * The bridge has ended by itself. Another one is started in the background.
   *
   * @param lost the probes that it counted for
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

  /** One probe after the other, so that one that ends the bridge is found and left out. */
  @SuppressWarnings("try") // That there is a use of the bridge is what it is for.
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
