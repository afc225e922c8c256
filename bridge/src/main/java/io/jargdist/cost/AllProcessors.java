/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures how long work takes while all processors do it. The work of a round begins on all of
 * them at once, since its threads wait for each other without sleeping. A round counts only if they
 * have really done it at the same time, which the machine's other work often prevents. The whole
 * takes 50 ms at most.
 */
final class AllProcessors {
  /** More would disturb a large machine; costs are extrapolated from these. */
  private static final int MOST = 16;

  private static final long PATIENCE_NANOS = 50_000_000;

  /** The part of its time during which each thread has to be at work with all others. */
  private static final double OVERLAP = 0.8;

  private final List<Runnable> tasks;
  private final int threads = number();
  private final int steps;
  private final long[][] starts;
  private final long[][] ends;
  private final AtomicInteger arrived = new AtomicInteger();
  private final CountDownLatch left = new CountDownLatch(threads);
  private final long deadline = System.nanoTime() + PATIENCE_NANOS;

  private AllProcessors(List<Runnable> tasks, int rounds) {
    this.tasks = List.copyOf(tasks);
    this.steps = tasks.size() * rounds;
    this.starts = new long[steps][threads];
    this.ends = new long[steps][threads];
  }

  /** Returns on how many processors it measures; 1 if there is nothing to measure. */
  static int number() {
    return Math.min(MOST, Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param tasks each takes some microseconds
   * @return for each task, how long it took in the fastest of the rounds, in ns; empty if one of
   *     them was never done by all at the same time
   */
  static List<Long> fastest(List<Runnable> tasks, int rounds) {
    AllProcessors all = new AllProcessors(tasks, rounds);
    for (int i = 0; i < all.threads; i++) {
      int number = i;
      Thread thread = new Thread(() -> all.work(number), "all-processors-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    try {
      if (!all.left.await(10 * PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
        return List.of();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
    return all.fastest();
  }

  private void work(int number) {
    try {
      for (int step = 0; step < steps && await((step + 1) * threads); step++) {
        starts[step][number] = System.nanoTime();
        tasks.get(step % tasks.size()).run();
        ends[step][number] = System.nanoTime();
      }
    } finally {
      left.countDown();
    }
  }

  /** Returns whether so many have arrived in time. */
  private boolean await(int needed) {
    arrived.incrementAndGet();
    while (arrived.get() < needed) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private List<Long> fastest() {
    List<Long> fastest = new ArrayList<>();
    for (int task = 0; task < tasks.size(); task++) {
      long least = Long.MAX_VALUE;
      for (int step = task; step < steps; step += tasks.size()) {
        least = Math.min(least, time(starts[step], ends[step]));
      }
      if (least == Long.MAX_VALUE) {
        return List.of();
      }
      fastest.add(least);
    }
    return fastest;
  }

  /**
   * Returns the mean time of a round, in ns; {@link Long#MAX_VALUE} if it was not done at once.
   *
   * @param ends 0 for threads that have not done it
   */
  static long time(long[] starts, long[] ends) {
    long sum = 0;
    long lastStart = starts[0];
    long firstEnd = ends[0];
    for (int i = 0; i < starts.length; i++) {
      if (ends[i] == 0) {
        return Long.MAX_VALUE;
      }
      sum += ends[i] - starts[i];
      lastStart = Math.max(lastStart, starts[i]);
      firstEnd = Math.min(firstEnd, ends[i]);
    }
    long mean = sum / starts.length;
    return firstEnd - lastStart >= OVERLAP * mean ? mean : Long.MAX_VALUE;
  }
}
