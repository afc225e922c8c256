/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How much longer a JVM that prints hello, world takes with jargdist as its agent and no probe:
 * wall time from starting the process to its end, in pairs whose order alternates, so that whatever
 * else the machine does meets both.
 */
final class StartUp {
  private static final int PAIRS = 25;
  private static final String WITHOUT = "without jargdist";
  private static final String WITH = "with -javaagent:jargdist.jar";

  private StartUp() {}

  static void measure(Path jar) throws IOException, InterruptedException {
    ProcessBuilder without = hello(List.of());
    ProcessBuilder with = hello(List.of("-javaagent:" + jar));
    millisToRun(without);
    millisToRun(with);

    Table table = new Table("Start and end of hello, world", "ms");
    for (int pair = 0; pair < PAIRS; pair++) {
      if (pair % 2 == 0) {
        table.add(WITHOUT, millisToRun(without));
        table.add(WITH, millisToRun(with));
      } else {
        double withMillis = millisToRun(with);
        table.add(WITHOUT, millisToRun(without));
        table.add(WITH, withMillis);
      }
    }
    table.print();

    List<Double> differences = new ArrayList<>();
    for (int pair = 0; pair < PAIRS; pair++) {
      differences.add(table.row(WITH).get(pair) - table.row(WITHOUT).get(pair));
    }
    System.out.printf(
        "  median of the %d differences: %.1f ms%n", PAIRS, Table.median(differences));
  }

  private static ProcessBuilder hello(List<String> options) {
    return Java.command(options, Hello.class).redirectOutput(ProcessBuilder.Redirect.DISCARD);
  }

  private static double millisToRun(ProcessBuilder command)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    int exitValue = command.start().waitFor();
    double millis = (System.nanoTime() - start) / 1e6;
    if (exitValue != 0) {
      throw new IOException(command.command() + " ended with " + exitValue);
    }
    return millis;
  }
}
