/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.Daemon;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the agent in the application's JVM: one worker for what is done later, which ends
 * when there is nothing to do and no host needs it, and a limited number of threads for what takes
 * long. Thread-safe.
 */
final class AgentThreads {
  /** A command line needs one as long as it runs. */
  private static final int MOST_THREADS = 32;

  /** More than one for each probe of a JVM. */
  private static final int MOST_TASKS = 1000;

  private static final Duration WORKER_IDLE = Duration.ofSeconds(1);

  private static final Duration WORKER_PATIENCE = Duration.ofSeconds(1);

  private final Consumer<String> onFailure;
  private final AtomicInteger running = new AtomicInteger();
  private final ScheduledThreadPoolExecutor worker;
  private volatile @Nullable Thread workerThread;

  /**
   * @param onFailure gets one line about a task that has thrown something
   */
  AgentThreads(Consumer<String> onFailure) {
    this.onFailure = onFailure;
    worker =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = Daemon.thread("jargdist-worker", task);
              workerThread = thread;
              return thread;
            });
    worker.setKeepAliveTime(WORKER_IDLE.toMillis(), TimeUnit.MILLISECONDS);
    worker.allowCoreThreadTimeOut(true);
  }

  /**
   * @param keep whether the worker stays although there is nothing to do
   */
  void keepWorker(boolean keep) {
    worker.allowCoreThreadTimeOut(!keep);
  }

  /** Has the worker run a task, and waits for it, but not for long. */
  void await(Runnable task) {
    if (Thread.currentThread() == workerThread) {
      task.run();
      return;
    }
    CountDownLatch done = new CountDownLatch(1);
    later(
        Duration.ZERO,
        () -> {
          try {
            task.run();
          } finally {
            done.countDown();
          }
        });
    try {
      done.await(WORKER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs a task on a thread of its own.
   *
   * @throws IllegalStateException if there are too many; the message says so
   */
  void start(String name, Runnable task) {
    if (running.incrementAndGet() > MOST_THREADS) {
      running.decrementAndGet();
      throw new IllegalStateException(
          "jargdist has " + MOST_THREADS + " threads in this JVM already: end some command lines");
    }
    boolean started = false;
    try {
      Daemon.start(
          name,
          () -> {
            try {
              task.run();
            } finally {
              running.decrementAndGet();
            }
          },
          onFailure);
      started = true;
    } finally {
      if (!started) {
        running.decrementAndGet();
      }
    }
  }

  /** Runs a task on the worker, after those that are due before it. The task should be short. */
  @SuppressWarnings("FutureReturnValueIgnored") // A guarded task throws nothing.
  void later(Duration delay, Runnable task) {
    if (worker.getQueue().size() >= MOST_TASKS) {
      onFailure.accept("jargdist-worker is too busy and leaves out a task");
      return;
    }
    try {
      worker.schedule(
          Daemon.guarded("jargdist-worker", task, onFailure),
          delay.toNanos(),
          TimeUnit.NANOSECONDS);
    } catch (OutOfMemoryError e) {
      // The thread could not be made. The task stays in the queue and is run with the next one.
      onFailure.accept("jargdist-worker could not be started: " + e);
    }
  }
}
