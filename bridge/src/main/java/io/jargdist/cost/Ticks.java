/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;

/**
 * The moments at which the CPU time of a process can be compared. The kernel adds up what a running
 * thread takes when its clock ticks, and on most machines it ticks on all processors at the same
 * time. So what it tells is too little by up to a tick for each thread that runs. Two moments that
 * have the same distance from the tick before them have the same error, which their difference does
 * not have.
 *
 * <p>Since Linux 6.4 (commit e9523a0d8189) CLOCK_MONOTONIC is a multiple of a tick's length when
 * the clock ticks. Where it is not, the moments have another distance, but still the same.
 *
 * @param nanos the length of a tick
 */
public record Ticks(long nanos) {
  /**
   * A moment is so long after a tick, as a part of a tick's length. The kernel is done with
   * attaching a probe shortly after a tick, and a window that begins then waits for the same tick.
   */
  private static final int PART = 4;

  /** A thread that wakes up later than this part of a tick has missed its moment. */
  private static final int LATE_PART = 8;

  /** Returns those of this machine. */
  public static Ticks ofMachine() throws KernelException {
    return new Ticks(Syscalls.tickNanos());
  }

  /** Returns the first moment that is not before a time of System.nanoTime. */
  public long momentAfter(long nanoTime) {
    long phase = nanos / PART;
    long ticks = Math.floorDiv(nanoTime - phase - 1, nanos) + 1;
    return ticks * nanos + phase;
  }

  /** Returns whether it is too late for a moment. */
  public boolean isMissed(long moment, long nanoTime) {
    return nanoTime - moment > nanos / LATE_PART;
  }

  /** Returns the whole number of ticks next to a time, at least one, as nanoseconds. */
  public long whole(long time) {
    return Math.max(1, Math.round((double) time / nanos)) * nanos;
  }
}
