/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
 *         <li>warm, compiled before: a text that was compiled before, attached and removed
 *       </ul>
 *   <li>argdist: from starting the process to the line {@code open uprobes} of {@code -v}, which
 *       comes after attaching.
 *   <li>bpftrace: from starting the process to the output of its first {@code interval:ms:1}, since
 *       it says nothing of its probes before it has attached all.
 * </ul>
 *
 * A question to argdist or bpftrace is a new process each time, also the second one.
 */
final class TimeToAttach {
  private static final int ROUNDS = 7;
  private static final int WARM = 3;
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
  }

  private static List<Peer> usablePeers() throws IOException {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of())) {
      return Stream.of(Peer.values()).filter(peer -> peer.isUsable(target)).toList();
    }
  }

  private static void timeWarm(ResultTable table, JargdistAgent agent)
      throws IOException, JMException {
    for (int i = 0; i < WARM; i++) {
      String specifier = SPECIFIER + ":count!=" + (4099 + i);
      time(table, "jargdist, warm, new", agent, specifier);
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
