/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Resident memory (VmRSS) of an idle JVM: without jargdist, with it, and with four probes; and of
 * what jargdist has started besides. It is read once it and that of its descendants have stayed
 * within 1 % for five seconds.
 */
final class Memory {
  private static final int ROUNDS = 5;
  private static final int STEADY_SECONDS = 5;
  private static final double STEADY_WITHIN = 0.01;
  private static final int MOST_SECONDS = 120;

  private static final List<String> FOUR_PROBES =
      List.of(
          "-H 'r:c:read():int:$retval#read sizes'",
          "-H 'r:c:fsync():u64:$latency/1000#fsync us'",
          "-C 'p:c:write(int fd):int:fd#writes by fd'",
          "-C 'u:jvm:gc__begin()#gc begins'");

  private Memory() {}

  static void measure(Path jar) throws Exception {
    String agent = "-javaagent:" + jar;
    String withProbes = agent + "=" + String.join(" ", FOUR_PROBES);
    ResultTable table = new ResultTable("Resident memory of an idle JVM with -Xmx64m", "MiB");
    for (int round = 0; round < ROUNDS; round++) {
      try (ScratchFolder cache = ScratchFolder.create();
          Target target = Target.start(cache, List.of())) {
        settle(target);
        table.add("without jargdist", target.residentMebibytes());
      }
      try (ScratchFolder cache = ScratchFolder.create();
          Target target = Target.start(cache, List.of(agent))) {
        settle(target);
        table.add("with jargdist, no probe", target.residentMebibytes());
      }
      try (ScratchFolder cache = ScratchFolder.create();
          Target target = Target.start(cache, List.of(withProbes))) {
        settle(target);
        table.add("with jargdist, four probes", target.residentMebibytes());
        table.add("  and its bridge", target.residentMebibytesOfDescendants());
        requireProbes(target);
      }
    }
    table.print();
  }

  private static void settle(Target target) throws Exception {
    double level = 0;
    int steady = 0;
    for (int second = 0; steady < STEADY_SECONDS && second < MOST_SECONDS; second++) {
      TimeUnit.SECONDS.sleep(1);
      double now = target.residentMebibytes() + target.residentMebibytesOfDescendants();
      if (Math.abs(now - level) <= level * STEADY_WITHIN) {
        steady++;
      } else {
        steady = 0;
        level = now;
      }
    }
  }

  /** Checks that the probes were there. This comes after reading, since JMX takes memory, too. */
  private static void requireProbes(Target target) throws Exception {
    try (JargdistAgent agent = JargdistAgent.connect(target)) {
      int probes = agent.probes().length;
      if (probes != FOUR_PROBES.size()) {
        throw new IllegalStateException(probes + " probes instead of " + FOUR_PROBES.size());
      }
    }
  }
}
