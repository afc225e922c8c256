/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.soak;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps HotSpot itself busy, until it is ended: allocation and collections, contended monitors,
 * exceptions with stack traces, new classes, compilations and deoptimisations, threads that come
 * and go. Each line that it prints says that all of that went on.
 */
public final class HotSpotLoad {
  private static final Object MONITOR = new Object();
  private static final AtomicLong TURNS = new AtomicLong();
  private static volatile Object kept = new Object();

  private HotSpotLoad() {}

  /** A class that is loaded again and again. */
  public interface Loaded {
    int answer();
  }

  public static void main(String[] args) throws InterruptedException {
    start("allocating", HotSpotLoad::allocate);
    start("locking", HotSpotLoad::lock);
    start("throwing", HotSpotLoad::fail);
    start("loading", HotSpotLoad::load);
    while (true) {
      long before = TURNS.get();
      Thread.sleep(1000);
      System.out.println(TURNS.get() - before);
    }
  }

  private interface Turn {
    void make(Random random) throws Exception;
  }

  private static void start(String name, Turn turn) {
    for (int i = 0; i < 2; i++) {
      Random random = new Random(i);
      Thread thread =
          new Thread(
              () -> {
                while (true) {
                  try {
                    turn.make(random);
                    TURNS.incrementAndGet();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }
              },
              name + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void allocate(Random random) {
    List<byte[]> blocks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      blocks.add(new byte[1 + random.nextInt(100_000)]);
    }
    kept = blocks;
    if (random.nextInt(200) == 0) {
      System.gc();
    }
  }

  private static void lock(Random random) throws InterruptedException {
    synchronized (MONITOR) {
      if (random.nextInt(50) == 0) {
        waitShortly();
      } else {
        MONITOR.notifyAll();
      }
    }
    if (random.nextInt(100) == 0) {
      Thread thread = new Thread(() -> kept = Thread.currentThread().getName());
      thread.start();
      thread.join();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // It waits for nothing.
  private static void waitShortly() throws InterruptedException {
    MONITOR.wait(1);
  }

  private static void fail(Random random) {
    try {
      deeper(random.nextInt(20), random);
    } catch (IllegalStateException | ArithmeticException e) {
      kept = e.getStackTrace();
    }
  }

  private static int deeper(int depth, Random random) {
    if (depth > 0) {
      return 1 + deeper(depth - 1, random);
    }
    if (random.nextBoolean()) {
      throw new IllegalStateException("on purpose");
    }
    return 1 / random.nextInt(2);
  }

  private static void load(Random random) {
    ClassLoader loader = new ClassLoader(HotSpotLoad.class.getClassLoader()) {};
    Loaded loaded =
        (Loaded)
            Proxy.newProxyInstance(
                loader, new Class<?>[] {Loaded.class}, (proxy, method, arguments) -> 1);
    int sum = 0;
    for (int i = 0; i < 1000; i++) {
      sum += loaded.answer();
    }
    kept = ("" + sum + random.nextLong()).intern();
  }
}
