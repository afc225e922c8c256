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
 * writes down how often it has done so: all the time, or for the first 100 ms of each second.
 */
public final class AllocationStorm implements AutoCloseable {
  /** What it allocates, which nothing else does. */
  public static final int BYTES = 4099;

  private static final int AT_ONCE = 20;
  private static final int WORK = 15_000;
  private static final int SECOND_MILLIS = 1000;
  private static final int BURST_MILLIS = 100;
  private static final int LINE_MILLIS = 20;

  private final Target target;
  private final Path log;

  private AllocationStorm(Target target, Path log) {
    this.target = target;
    this.log = log;
  }

  /**
   * @param bursts whether it allocates for a part of each second only
   */
  public static AllocationStorm start(Path jdk, boolean bursts) throws IOException {
    Path log = Files.createTempFile("storm", ".log");
    Target target =
        Target.start(
            jdk,
            null,
            List.of("-cp", HardCalls.classes()),
            List.of(
                AllocationStorm.class.getName(),
                HardCalls.library().toString(),
                Boolean.toString(bursts),
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
   * @param arguments the library, whether there are bursts, and where to write
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.load(arguments[0]);
    boolean bursts = Boolean.parseBoolean(arguments[1]);
    try (PrintStream log = new PrintStream(arguments[2], StandardCharsets.UTF_8)) {
      System.out.println("ready");
      long count = 0;
      long work = 0;
      long next = 0;
      while (work != 1) {
        HardCalls.allocate(AT_ONCE, BYTES);
        count += AT_ONCE;
        for (int i = 0; i < AT_ONCE * WORK; i++) {
          work = work * 31 + i;
        }
        long millis = System.currentTimeMillis();
        long inSecond = millis % SECOND_MILLIS;
        boolean pause = bursts && inSecond >= BURST_MILLIS;
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
