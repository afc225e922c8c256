/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures what jargdist costs a JVM, side by side with not having it and with the tools of its
 * kind, and prints tables.
 *
 * <pre>{@code
 * Bench JARGDIST-JAR [--smoke] [startup] [memory] [attach] [hits] [many] [hundred] [reads] [price]
 * }</pre>
 *
 * With {@code --smoke} everything is done once and shortly, so that the numbers mean nothing.
 *
 * <p>All JVMs are of the JDK that runs this.
 */
public final class Bench {
  private static final String SMOKE = "--smoke";
  private static final List<String> ALL =
      List.of("startup", "memory", "attach", "hits", "many", "hundred", "reads", "price");

  private Bench() {}

  public static void main(String[] args) throws Exception {
    List<String> words = new ArrayList<>(List.of(args));
    boolean smoke = words.remove(SMOKE);
    List<String> wanted = words.size() > 1 ? words.subList(1, words.size()) : ALL;
    if (words.isEmpty() || !ALL.containsAll(wanted)) {
      System.err.println("usage: bin/bench [--smoke] [" + String.join("] [", ALL) + "]");
      System.exit(2);
    }
    run(Path.of(words.get(0)).toAbsolutePath(), wanted, smoke);
  }

  /**
   * @param smoke whether to do as little as possible; not of startup, memory and attach
   */
  public static void run(Path jar, List<String> wanted, boolean smoke) throws Exception {
    System.out.printf(
        Locale.ROOT,
        "Linux %s, %s, %d processors, Java %s%n",
        System.getProperty("os.version"),
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.version"));
    System.out.println(Files.readString(Path.of("/proc/loadavg")).strip() + " (load)");
    for (String measurement : wanted) {
      System.out.println();
      switch (measurement) {
        case "startup" -> StartUp.measure(jar);
        case "memory" -> Memory.measure(jar);
        case "hits" -> Hits.measure(jar, smoke);
        case "many" -> Hits.measureMany(jar, smoke);
        case "hundred" -> Hundred.measure(jar, smoke);
        case "reads" -> Reads.measure(jar, smoke);
        case "price" -> Prices.measure(jar, smoke);
        default -> TimeToAttach.measure(jar);
      }
    }
  }
}
