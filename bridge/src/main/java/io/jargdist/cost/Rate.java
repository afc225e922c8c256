/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a number grew in the last second. Not thread-safe. */
final class Rate {
  private static final long WINDOW_NANOS = 1_000_000_000;

  private record Sample(long amount, long nanoTime) {}

  private final Deque<Sample> samples = new ArrayDeque<>();
  private double perSecond;

  /**
   * @param amount of the number at the beginning
   * @param nanoTime of the beginning
   */
  Rate(long amount, long nanoTime) {
    samples.add(new Sample(amount, nanoTime));
  }

  /**
   * @param amount of the number now
   * @param nanoTime of now
   */
  void update(long amount, long nanoTime) {
    // The first sample stays at least as old as the window, as soon as there is one.
    while (samples.size() > 1 && second().nanoTime() <= nanoTime - WINDOW_NANOS) {
      samples.removeFirst();
    }
    Sample before = samples.getFirst();
    samples.addLast(new Sample(amount, nanoTime));
    long elapsed = nanoTime - before.nanoTime();
    if (elapsed > 0) {
      perSecond = (amount - before.amount()) * 1e9 / elapsed;
    }
  }

  private Sample second() {
    return samples.stream().skip(1).findFirst().orElseThrow();
  }

  double perSecond() {
    return perSecond;
  }
}
