/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.cost.HitMeter;
import io.jargdist.cost.ProcessUse;
import io.jargdist.wire.ProbeHealth.Detached;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at all probes twice a second, and has those detached that cost too much or whose time is
 * over. Owns a daemon thread while there are probes. Thread-safe.
 */
final class ProbeWatch implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /**
   * @param startNanoTime when the watching began
   * @param ttl how long it may run; null for ever
   * @param detach detaches the probe
   */
  private record Watched(
      RunningProbe probe, @Nullable Duration ttl, long startNanoTime, Consumer<Detached> detach) {}

  private final ProcessUse use;
  private final Map<RunningProbe, Watched> watched = new ConcurrentHashMap<>();
  private @Nullable Thread thread;
  private boolean closed;

  /**
   * @param use of the process that the probes are in
   */
  ProbeWatch(ProcessUse use) {
    this.use = use;
  }

  /**
   * @param ttl null for no end
   * @param detach called at most once, on the watching thread
   */
  synchronized void add(RunningProbe probe, @Nullable Duration ttl, Consumer<Detached> detach) {
    watched.put(probe, new Watched(probe, ttl, System.nanoTime(), detach));
    if (thread == null && !closed) {
      thread = new DaemonFactory("probe-watch").newThread(this::watch);
      thread.start();
    }
  }

  void remove(RunningProbe probe) {
    watched.remove(probe);
  }

  private void watch() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(INTERVAL.toNanos());
        synchronized (this) {
          if (watched.isEmpty() || closed) {
            thread = null;
            return;
          }
        }
        measure();
        watched.values().forEach(this::lookSafely);
      }
    } catch (InterruptedException e) {
      // The watch was closed.
    }
  }

  /** Measures what the probes cost now, and what their process uses without them. */
  private void measure() {
    double percent = 0;
    for (Watched each : watched.values()) {
      HitMeter meter = each.probe().meter();
      meter.update(each.probe().hitsByProcessor(), System.nanoTime());
      percent += each.probe().overheadPercent();
    }
    use.update(System.nanoTime(), percent);
  }

  /** Looks at one probe. If that fails, the other probes stay watched. */
  private void lookSafely(Watched each) {
    try {
      look(each);
    } catch (RuntimeException e) {
      // The probe is looked at again, unless all probes are being closed.
    }
  }

  private void look(Watched each) {
    long now = System.nanoTime();
    HitMeter meter = each.probe().meter();
    Detached reason = null;
    boolean tooExpensive = meter.isTooExpensive(use.processors(), now);
    if (tooExpensive && !each.probe().isPaced() && !pace(each)) {
      reason = new Detached(meter.complaint(), Detached.Cause.TOO_EXPENSIVE);
    } else if (each.ttl() != null && now - each.startNanoTime() >= each.ttl().toNanos()) {
      reason = Detached.TIME_IS_OVER;
    }
    if (reason != null) {
      detach(each, reason);
    }
  }

  /** Lets a probe be attached at random moments only, if that tells the truth. */
  private boolean pace(Watched each) {
    return each.probe().pace(use.clock(), why -> detach(each, why));
  }

  private void detach(Watched each, Detached reason) {
    if (watched.remove(each.probe()) != null) {
      each.detach().accept(reason);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
