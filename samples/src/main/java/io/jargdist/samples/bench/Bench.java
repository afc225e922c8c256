/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures what jargdist costs a JVM, side by side with not having it and with the tools of its
 * kind, and prints tables.
 *
 * <pre>{@code
 * Bench JARGDIST-JAR [startup] [memory] [attach]
 * }</pre>
 *
 * All JVMs are of the JDK that runs this.
 */
public final class Bench {
  private static final List<String> ALL = List.of("startup", "memory", "attach");

  private Bench() {}

  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    List<String> wanted = words.size() > 1 ? words.subList(1, words.size()) : ALL;
    if (words.isEmpty() || !ALL.containsAll(wanted)) {
      System.err.println("usage: bin/bench [startup] [memory] [attach]");
      System.exit(2);
    }
    Path jar = Path.of(words.get(0)).toAbsolutePath();
    System.out.printf(
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
        default -> TimeToAttach.measure(jar);
      }
    }
  }
}
