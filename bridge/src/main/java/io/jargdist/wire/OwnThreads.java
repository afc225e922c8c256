/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of this process that are jargdist's, by the numbers that the kernel has for them in
 * this process's pid namespace. All that {@link Daemon} starts are among them from their first step
 * to their last. Only agents follow them, so that they can have their events left out.
 */
public final class OwnThreads {
  /** The link is different for each thread that reads it (proc(5), Linux 3.17). */
  private static final Path SELF = Path.of("/proc/thread-self");

  private static final Set<Integer> NUMBERS = new TreeSet<>();

  private static @Nullable Consumer<Set<Integer>> follower;

  private OwnThreads() {}

  /**
   * Lets threads find out their numbers from now on. Threads that run already are not followed.
   *
   * @param onChange gets all numbers when there is one more or less, on the thread in question: a
   *     thread goes on only when this has returned
   */
  public static void follow(Consumer<Set<Integer>> onChange) {
    synchronized (NUMBERS) {
      follower = onChange;
    }
  }

  /** Returns all numbers that are known now. */
  public static Set<Integer> all() {
    synchronized (NUMBERS) {
      return new TreeSet<>(NUMBERS);
    }
  }

  /** Runs a task on the current thread, which is ours as long as that takes. */
  static void during(Runnable task) {
    Integer number = number();
    if (number == null) {
      task.run();
      return;
    }
    change(number, true);
    try {
      task.run();
    } finally {
      change(number, false);
    }
  }

  private static @Nullable Integer number() {
    synchronized (NUMBERS) {
      if (follower == null) {
        return null;
      }
    }
    try {
      return Integer.valueOf(Files.readSymbolicLink(SELF).getFileName().toString());
    } catch (IOException | RuntimeException e) {
      // There is no /proc, or it is that of another namespace. The thread's events are counted
      // then.
      return null;
    }
  }

  private static void change(int number, boolean begins) {
    Consumer<Set<Integer>> listener;
    Set<Integer> all;
    synchronized (NUMBERS) {
      if (begins) {
        NUMBERS.add(number);
      } else {
        NUMBERS.remove(number);
      }
      all = new TreeSet<>(NUMBERS);
      listener = follower;
    }
    if (listener != null) {
      listener.accept(all);
    }
  }
}
