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

  private static @Nullable Follower follower;

  private OwnThreads() {}

  /** Hears of threads, on the thread in question, which goes on only when this has returned. */
  public interface Follower {
    /** There is one more. */
    void begins();

    /**
     * A thread has done its work. It is among the others until {@link #forget} is called, since it
     * makes some more system calls to end.
     */
    void ends(int number);
  }

  /** Lets threads find out their numbers from now on. Threads that run already are not followed. */
  public static void follow(Follower listener) {
    synchronized (NUMBERS) {
      follower = listener;
    }
  }

  /** Takes a thread that has ended from the others. */
  public static void forget(int number) {
    synchronized (NUMBERS) {
      NUMBERS.remove(number);
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
    Follower listener = follower();
    Integer number = listener == null ? null : number();
    if (listener == null || number == null) {
      task.run();
      return;
    }
    synchronized (NUMBERS) {
      NUMBERS.add(number);
    }
    listener.begins();
    try {
      task.run();
    } finally {
      listener.ends(number);
    }
  }

  private static @Nullable Follower follower() {
    synchronized (NUMBERS) {
      return follower;
    }
  }

  private static @Nullable Integer number() {
    try {
      return Integer.valueOf(Files.readSymbolicLink(SELF).getFileName().toString());
    } catch (IOException | RuntimeException e) {
      // There is no /proc, or it is that of another namespace. The thread's events are counted
      // then.
      return null;
    }
  }
}
