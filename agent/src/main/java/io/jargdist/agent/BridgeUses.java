/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the bridge is ended: when no probe has needed it and no work has used it for a
 * while. The delay is there because another probe may come. There is at most one timer at a time.
 * Thread-safe.
 */
final class BridgeUses {
  /** Runs tasks later. */
  interface Timer {
    void after(Duration delay, Runnable task);
  }

  private final Duration idle;
  private final BooleanSupplier needed;
  private final Supplier<Runnable> release;
  private final Timer timer;
  private final LongSupplier nanoTime;
  private int inFlight;
  private long idleSince;
  private boolean timed;

  /**
   * @param idle how long the bridge stays when it is not needed
   * @param needed whether a probe needs the bridge; must not wait
   * @param release takes the bridge, so that later uses get another one, and must not wait; returns
   *     a task that ends the bridge, which may wait
   */
  BridgeUses(
      Duration idle,
      BooleanSupplier needed,
      Supplier<Runnable> release,
      Timer timer,
      LongSupplier nanoTime) {
    this.idle = idle;
    this.needed = needed;
    this.release = release;
    this.timer = timer;
    this.nanoTime = nanoTime;
  }

  /** Begins a use of the bridge, which lasts until the result is closed. */
  synchronized BridgeUse begin() {
    inFlight++;
    return new BridgeUse(this);
  }

  /** Notes that a probe may not need the bridge any more. */
  synchronized void changed() {
    idleSince = nanoTime.getAsLong();
    setTimer(idle);
  }

  synchronized void closed() {
    inFlight--;
    changed();
  }

  private void setTimer(Duration delay) {
    if (!timed) {
      timed = true;
      timer.after(delay, this::look);
    }
  }

  private void look() {
    Runnable end = releaseWhenIdle();
    if (end != null) {
      end.run();
    }
  }

  private synchronized @Nullable Runnable releaseWhenIdle() {
    timed = false;
    if (inFlight > 0 || needed.getAsBoolean()) {
      return null;
    }
    Duration left = idle.minusNanos(nanoTime.getAsLong() - idleSince);
    if (left.isNegative() || left.isZero()) {
      return release.get();
    }
    setTimer(left);
    return null;
  }

  /** Ends the bridge now, unless it is needed; waits until it has ended. */
  void endNow() {
    Runnable end;
    synchronized (this) {
      end = inFlight > 0 || needed.getAsBoolean() ? () -> {} : release.get();
    }
    end.run();
  }
}
