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
 * The threads of jargdist in this process, by their numbers in the process's pid namespace. They
 * include every thread that {@link Daemon} starts, from its first step to its last. Only agents
 * follow the threads, to have their events left out.
 */
public final class OwnThreads {
  /** A link that leads each thread to its own number (proc(5), Linux 3.17). */
  private static final Path SELF = Path.of("/proc/thread-self");

  private static final Set<Integer> NUMBERS = new TreeSet<>();

  private static @Nullable Follower follower;

  private OwnThreads() {}

  /**
   * Hears that threads begin and end. The methods run on the thread in question, which goes on when
   * they return.
   */
  public interface Follower {
    /** Hears that a thread begins, whose number is known already. */
    void begins();

    /**
     * Hears that a thread has done its work. The number stays known until {@link #forget} is
     * called, since the thread still makes some system calls before it ends.
     */
    void ends(int number);
  }

  /** Lets threads find out their numbers from now on. Threads that run already are not followed. */
  public static void follow(Follower listener) {
    synchronized (NUMBERS) {
      follower = listener;
    }
  }

  /** Removes the number of a thread that has ended. */
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

  /** Runs a task on the current thread, which is one of ours meanwhile. */
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
      // There is no /proc, or it belongs to another namespace. The thread's events are then
      // counted.
      return null;
    }
  }
}
