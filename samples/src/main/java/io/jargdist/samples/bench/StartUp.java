/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures how much longer a JVM that prints hello, world takes with jargdist as its agent and no
 * probe: wall time from starting the process to its end. An agent that does nothing shows how much
 * of that the JVM takes for any agent. The three take turns, so that other work of the machine
 * meets all of them.
 */
final class StartUp {
  private static final int ROUNDS = 25;
  private static final String WITHOUT = "without an agent";
  private static final String EMPTY = "with an agent that does nothing";
  private static final String WITH = "with -javaagent:jargdist.jar";

  private StartUp() {}

  static void measure(Path jar) throws IOException, InterruptedException {
    try (ScratchFolder folder = ScratchFolder.create()) {
      Path empty = EmptyAgent.write(folder.path().resolve("empty.jar"));
      List<String> names = List.of(WITHOUT, EMPTY, WITH);
      List<ProcessBuilder> commands =
          List.of(
              hello(List.of()),
              hello(List.of("-javaagent:" + empty)),
              hello(List.of("-javaagent:" + jar)));
      ResultTable table = new ResultTable("Start and end of hello, world", "ms");
      for (ProcessBuilder command : commands) {
        millisToRun(command);
      }
      for (int round = 0; round < ROUNDS; round++) {
        double[] millis = new double[commands.size()];
        for (int turn = 0; turn < millis.length; turn++) {
          int which = (round + turn) % millis.length;
          millis[which] = millisToRun(commands.get(which));
        }
        for (int i = 0; i < millis.length; i++) {
          table.add(names.get(i), millis[i]);
        }
      }
      table.print();
      System.out.printf(
          Locale.ROOT,
          "  median of the %d differences: %.1f ms, of which %.1f ms for any agent%n",
          ROUNDS,
          difference(table, WITH),
          difference(table, EMPTY));
    }
  }

  private static double difference(ResultTable table, String row) {
    List<Double> differences = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      differences.add(table.row(row).get(round) - table.row(WITHOUT).get(round));
    }
    return ResultTable.median(differences);
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
