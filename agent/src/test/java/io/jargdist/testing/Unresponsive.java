/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Keeps its JVM from answering, by commands from stdin. It prints {@code ready} at the start, and
 * {@code done} after each command.
 *
 * <dl>
 *   <dt>{@code fill}
 *   <dd>fills a heap of 4 GB with live references to objects all over it, so that collections are
 *       slow
 *   <dt>{@code collect SECONDS}
 *   <dd>makes full collections for at least that time
 *   <dt>{@code block}
 *   <dd>makes all its other threads wait for one lock until {@code release}; threads that ask for
 *       the platform MBean server wait, too
 * </dl>
 */
public final class Unresponsive {
  private static final int OBJECTS = 16 << 20;
  private static final int REFERENCES_IN_ARRAY = 8 << 20;
  private static final int ARRAYS = 96;
  private static final int THREADS = 20;

  private static final List<Object[]> LIVE = new ArrayList<>();

  private Unresponsive() {}

  static String classes() {
    return Unresponsive.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /**
   * @param arguments a library to load
   */
  public static void main(String[] arguments) throws Exception {
    System.load(arguments[0]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "fill" -> fill();
        case "collect" -> collect(Long.parseLong(words[1]));
        case "block" -> block(commands);
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done");
    }
  }

  private static void fill() {
    Object[] objects = new Object[OBJECTS];
    for (int i = 0; i < objects.length; i++) {
      objects[i] = new Object();
    }
    SplittableRandom random = new SplittableRandom(1);
    Object[] anywhere = new Object[REFERENCES_IN_ARRAY];
    for (int i = 0; i < anywhere.length; i++) {
      anywhere[i] = objects[random.nextInt(objects.length)];
    }
    LIVE.add(objects);
    for (int i = 0; i < ARRAYS; i++) {
      LIVE.add(anywhere.clone());
    }
  }

  @SuppressWarnings("UnnecessaryExplicitGC") // The collections keep the JVM busy.
  private static void collect(long seconds) {
    long end = System.nanoTime() + seconds * 1_000_000_000;
    do {
      System.gc();
    } while (System.nanoTime() < end);
  }

  @SuppressWarnings("LockOnNonEnclosingClassLiteral") // getPlatformMBeanServer locks it.
  private static void block(BufferedReader commands) throws IOException, InterruptedException {
    Object lock = new Object();
    List<Thread> blocked = new ArrayList<>();
    synchronized (ManagementFactory.class) {
      synchronized (lock) {
        for (int i = 0; i < THREADS; i++) {
          Thread thread = new Thread(() -> enter(lock), "blocked-" + i);
          thread.start();
          blocked.add(thread);
        }
        while (blocked.stream().anyMatch(each -> each.getState() != Thread.State.BLOCKED)) {
          Thread.onSpinWait();
        }
        System.out.println("done");
        String release = commands.readLine();
        if (!"release".equals(release)) {
          throw new IllegalArgumentException(release);
        }
      }
    }
    for (Thread thread : blocked) {
      thread.join();
    }
  }

  @SuppressWarnings("EmptySynchronized")
  private static void enter(Object lock) {
    synchronized (lock) {
      // The thread only has to wait for the lock.
    }
  }
}
