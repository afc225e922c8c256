/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Measures how long it takes from asking for a probe to having it: a histogram of the sizes that
 * write is asked for in an idle JVM (an entry probe: argdist of bcc 0.26 cannot attach return
 * probes on new kernels, since its Python passes no reference counter offset). These times are
 * measured:
 *
 * <ul>
 *   <li>jargdist: the operation {@code histogram} of its MBean, over a JMX connection that is open.
 *       It returns when the probe is attached.
 *       <ul>
 *         <li>cold: the first probe ever; its cache on disk is empty, bridge and compiler start
 *         <li>cold, compiled before: the first probe of another JVM, with that cache
 *         <li>warm, new: a text that was never compiled; bridge and compiler are there
 *         <li>warm, another number: a specifier that is new, but has the same text
 *         <li>warm, compiled before: a text that was compiled before, attached and removed
 *       </ul>
 *   <li>argdist: from starting the process to the line {@code open uprobes} of {@code -v}, which
 *       comes after attaching.
 *   <li>The same two are compared as commands, from the start to the first print.
 *   <li>bpftrace: from starting the process to the output of its first {@code interval:ms:1}, since
 *       it says nothing of its probes before it has attached all.
 * </ul>
 *
 * A question to argdist or bpftrace is a new process each time, also the second one.
 */
final class TimeToAttach {
  private static final int ROUNDS = 7;
  private static final List<String> OPERATORS = List.of("!=", ">", "<=");
  private static final double INTERVAL_MILLIS = 1000;
  private static final String SPECIFIER = "p:c:write(int fd, void *buf, size_t count):size_t:count";

  private TimeToAttach() {}

  static void measure(Path jar) throws Exception {
    List<String> options = List.of("-javaagent:" + jar);
    List<Peer> peers = usablePeers();
    ResultTable table = new ResultTable("From asking for a probe to having it", "ms");
    for (int round = 0; round < ROUNDS; round++) {
      try (ScratchFolder cache = ScratchFolder.create()) {
        try (Target target = Target.start(cache, options);
            JargdistAgent agent = JargdistAgent.connect(target)) {
          time(table, "jargdist, cold", agent, SPECIFIER);
          timeWarm(table, agent);
        }
        try (Target target = Target.start(cache, options);
            JargdistAgent agent = JargdistAgent.connect(target)) {
          time(table, "jargdist, cold, compiled before", agent, SPECIFIER);
        }
        try (Target target = Target.start(cache, List.of())) {
          for (Peer peer : peers) {
            table.add(peer.program(), peer.millisToAttach(target));
          }
        }
      }
    }
    table.print();
    System.out.println();
    measureCommands(jar);
  }

  /**
   * Measures what a command takes from its start to the print of its first interval, without the
   * interval. The command line is a process of its own for each question, as argdist is.
   */
  private static void measureCommands(Path jar) throws IOException {
    ResultTable table =
        new ResultTable("From starting a command to its first print, less the interval", "ms");
    for (int round = 0; round < ROUNDS; round++) {
      try (ScratchFolder cache = ScratchFolder.create();
          Target target = Target.start(cache, List.of())) {
        time(table, "jargdist -p, cold", ours(jar, cache, target, SPECIFIER + ":count!=4099"));
        time(
            table,
            "jargdist -p, another number",
            ours(jar, cache, target, SPECIFIER + ":count!=4101"));
        time(
            table,
            "jargdist -p, compiled before",
            ours(jar, cache, target, SPECIFIER + ":count!=4099"));
        time(
            table,
            "argdist",
            Argdist.command(List.of("-p", target.pid(), "-i", "1", "-n", "1", "-H", SPECIFIER)));
      }
    }
    table.print();
  }

  private static List<String> ours(Path jar, ScratchFolder cache, Target target, String specifier) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return List.of(
        "env",
        "XDG_CACHE_HOME=" + cache.path(),
        java,
        "-jar",
        jar.toString(),
        "-p",
        target.pid(),
        "-i",
        "1",
        "-n",
        "1",
        "-H",
        specifier);
  }

  private static void time(ResultTable table, String row, List<String> command) {
    long start = System.nanoTime();
    try {
      Watcher watcher = Watcher.start("[", command);
      table.add(row, (System.nanoTime() - start) / 1e6 - INTERVAL_MILLIS);
      watcher.close();
    } catch (IOException e) {
      System.out.printf(Locale.ROOT, "%s is left out: %s%n", row, e.getMessage());
    }
  }

  private static List<Peer> usablePeers() throws IOException {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of())) {
      return Stream.of(Peer.values()).filter(peer -> peer.isUsable(target)).toList();
    }
  }

  private static void timeWarm(ResultTable table, JargdistAgent agent)
      throws IOException, JMException {
    for (String operator : OPERATORS) {
      String specifier = SPECIFIER + ":count" + operator + "4099";
      time(table, "jargdist, warm, new", agent, specifier);
      time(table, "jargdist, warm, another number", agent, specifier + "9");
      time(table, "jargdist, warm, compiled before", agent, specifier);
    }
  }

  private static void time(ResultTable table, String row, JargdistAgent agent, String specifier)
      throws IOException, JMException {
    long start = System.nanoTime();
    ObjectName probe = agent.histogram(specifier);
    table.add(row, (System.nanoTime() - start) / 1e6);
    agent.remove(probe);
  }
}
