/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A JVM that allocates memory as fast as it can, with a little work behind each allocation, and
 * writes down how often it has done so: all the time, or at the beginning of each second.
 */
public final class AllocationStorm implements AutoCloseable {
  /** What it allocates, which nothing else does. */
  public static final int BYTES = 4099;

  private static final int AT_ONCE = 20;
  private static final int SECOND_MILLIS = 1000;
  private static final int LINE_MILLIS = 20;
  private static final int TRIES = 20;
  private static final int TRIED_TURNS = 1_000_000;

  private final Target target;
  private final Path log;

  private AllocationStorm(Target target, Path log) {
    this.target = target;
    this.log = log;
  }

  /**
   * @param workNanos CPU time between two allocations, on a processor that nothing else disturbs
   * @param burstMillis for how long it allocates in each second: 1000 for always
   */
  public static AllocationStorm start(Path jdk, double workNanos, int burstMillis)
      throws IOException {
    Path log = Files.createTempFile("storm", ".log");
    Target target =
        Target.start(
            jdk,
            null,
            List.of("-cp", HardCalls.classes()),
            List.of(
                AllocationStorm.class.getName(),
                HardCalls.library().toString(),
                Double.toString(workNanos),
                Integer.toString(burstMillis),
                log.toString()));
    return new AllocationStorm(target, log);
  }

  public long pid() {
    return target.pid();
  }

  /** Returns how many allocations there had been at a moment. */
  public double allocations(Instant time) throws IOException {
    TreeMap<Long, Long> counts = new TreeMap<>();
    for (String line : Files.readAllLines(log)) {
      String[] words = line.split(" ", -1);
      counts.put(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }
    long micros = micros(time);
    Map.Entry<Long, Long> before = counts.floorEntry(micros);
    Map.Entry<Long, Long> after = counts.ceilingEntry(micros);
    if (before == null || after == null) {
      throw new IOException("it tells nothing of " + time);
    }
    double length = Math.max(1, after.getKey() - before.getKey());
    double part = (micros - before.getKey()) / length;
    return before.getValue() + part * (after.getValue() - before.getValue());
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /**
   * @param arguments the library, the nanoseconds of work, the milliseconds of a burst, and where
   *     to write
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.load(arguments[0]);
    int turns = (int) (AT_ONCE * Double.parseDouble(arguments[1]) / nanosOfTurn());
    int burst = Integer.parseInt(arguments[2]);
    try (PrintStream log = new PrintStream(arguments[3], StandardCharsets.UTF_8)) {
      System.out.println("ready");
      long count = 0;
      long work = 0;
      long next = 0;
      while (work != 1) {
        HardCalls.allocate(AT_ONCE, BYTES);
        count += AT_ONCE;
        work = work(work, turns);
        long millis = System.currentTimeMillis();
        long inSecond = millis % SECOND_MILLIS;
        boolean pause = inSecond >= burst;
        if (millis >= next || pause) {
          print(log, count);
          next = millis + LINE_MILLIS;
        }
        if (pause) {
          Thread.sleep(SECOND_MILLIS - inSecond);
          print(log, count);
        }
      }
    }
  }

  private static long work(long start, int turns) {
    long work = start;
    for (int i = 0; i < turns; i++) {
      work = work * 31 + i;
    }
    return work;
  }

  /** Returns what a turn of the work takes if nothing disturbs it: the least of some tries. */
  private static double nanosOfTurn() {
    long least = Long.MAX_VALUE;
    long work = 0;
    for (int i = 0; i < TRIES; i++) {
      long start = System.nanoTime();
      work = work(work, TRIED_TURNS);
      least = Math.min(least, System.nanoTime() - start);
    }
    return (work == 1 ? 2.0 : 1.0) * least / TRIED_TURNS;
  }

  private static void print(PrintStream log, long count) {
    log.println(micros(Instant.now()) + " " + count);
    log.flush();
  }

  @Override
  public void close() throws IOException {
    target.close();
    Files.deleteIfExists(log);
  }
}
