/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.util.function.Consumer;

/**
 * Starts our threads as daemons with names, so that they keep no JVM alive and can be told from the
 * application's threads.
 */
public final class Daemon {
  private Daemon() {}

  /**
   * Starts a thread. Whatever its task throws, also an {@link Error}, ends this thread only.
   *
   * @param name for people, such as {@code "jargdist-client"}
   * @param onFailure gets one line that says what the task threw, on that thread
   * @return the thread, so that its owner can count it or wait for it
   */
  public static Thread start(String name, Runnable task, Consumer<String> onFailure) {
    Thread thread = thread(name, guarded(name, task, onFailure));
    thread.start();
    return thread;
  }

  /**
   * Returns a thread that is not started yet, for many tasks.
   *
   * @param task may run as long as the thread
   */
  public static Thread thread(String name, Runnable task) {
    Thread thread = new Thread(() -> OwnThreads.during(task), name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * @return a task that throws nothing, but says what the given one throws
   */
  public static Runnable guarded(String name, Runnable task, Consumer<String> onFailure) {
    return () -> {
      try {
        task.run();
      } catch (Throwable e) {
        say(name + " ended: " + e, onFailure);
      }
    };
  }

  private static void say(String line, Consumer<String> onFailure) {
    try {
      onFailure.accept(line);
    } catch (Throwable e) {
      // There is no memory even for this message.
    }
  }
}
