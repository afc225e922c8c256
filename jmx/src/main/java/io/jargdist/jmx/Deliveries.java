/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.wire.Daemon;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Delivers notifications to the listeners of the application, one after another, on one daemon
 * thread that ends when there is nothing to deliver. So a listener that waits or throws delays and
 * harms only other listeners. When too many notifications wait, the oldest are left out, which
 * their sequence numbers show.
 */
final class Deliveries implements Executor {
  private static final int MOST_WAITING = 1000;

  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> Daemon.thread("jargdist-notifications", task),
          new ThreadPoolExecutor.DiscardOldestPolicy());

  Deliveries() {
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable delivery) {
    try {
      thread.execute(Daemon.guarded("jargdist-notifications", delivery, line -> {}));
    } catch (OutOfMemoryError e) {
      // No thread can be made. The notification is delivered with the next one.
    }
  }
}
