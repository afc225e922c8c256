/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pairs of a JVM while another process makes the same events; the JVM may live in a pid namespace
 * of its own, with its bridge.
 */
class PairsOfOneProcessIT {
  private static final int PAIRS = 211;
  private static final String[] CONTAINER = {
    "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", "\"$@\"; exit", "sh"
  };

  private static Target start(boolean inContainer) throws Exception {
    String[] prefix = inContainer ? CONTAINER : new String[0];
    return HardCalls.start(Jdks.own(), "--max-overhead 0", prefix).awaitAgent();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyItsOwnEventsAreCountedStoredAndLost(boolean inContainer) throws Exception {
    try (Target other = HardCalls.start(Jdks.own(), null);
        Target target = start(inContainer)) {
      List<PairsIT.Probe> probes = new ArrayList<>();
      for (String pair : PairsIT.combinations().toList()) {
        probes.add(PairsIT.Probe.of(target, "-H", pair));
      }
      other.run("pair " + PAIRS + " 0 3");
      other.run("pair " + PAIRS + " -1 3");
      other.run("pair " + PAIRS + " -2 3");
      for (PairsIT.Probe probe : probes) {
        probe.expect(0, "", 0);
      }
      target.run("pair " + PAIRS + " 0 3");
      for (PairsIT.Probe probe : probes) {
        probe.expect(3L * PAIRS, "", 0);
      }
    }
  }

  @Test
  void aTracepointsTaskNumberIsRefusedInAContainer() throws Exception {
    try (Target target = start(true)) {
      String pair = "t:sched:sched_wakeup() on args->pid..sched_switch() on args->next_pid";
      assertThatThrownBy(() -> PairsIT.Probe.of(target, "-H", pair))
          .hasMessageContaining("pid namespace");
    }
  }
}
