/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.os.KernelException;
import org.jspecify.annotations.Nullable;

/**
 * Measures how many processors a process keeps busy by itself: what it took in the last second,
 * less what its probes took of that. Not thread-safe.
 */
public final class ProcessUse {
  /** What a process may be asked for at least is a part of one processor. */
  private static final double LEAST = 1;

  private final Clock clock;
  private @Nullable Rate rate;
  private double processors = LEAST;

  /** Tells the CPU time that a process has taken. */
  public interface Clock {
    long cpuNanos() throws KernelException;
  }

  public ProcessUse(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param nanoTime of now
   * @param probesPercent what all probes of the process take, in percent of one processor
   */
  public void update(long nanoTime, double probesPercent) {
    try {
      long cpuNanos = clock.cpuNanos();
      if (rate == null) {
        rate = new Rate(cpuNanos, nanoTime);
      }
      rate.update(cpuNanos, nanoTime);
      processors = Math.max(LEAST, rate.perSecond() / 1e9 - probesPercent / 100);
    } catch (KernelException e) {
      // The process has ended.
      processors = LEAST;
    }
  }

  public Clock clock() {
    return clock;
  }

  /** Returns the number of processors, at least one. */
  public double processors() {
    return processors;
  }
}
