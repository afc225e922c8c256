/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a JVM's MBeans at one moment.
 *
 * @param nanos when, as {@link System#nanoTime} counts
 * @param server which JVM: the identity of its MBean server
 * @param agent null if the JVM has no agent
 * @param jvm which process it is
 */
record JvmSnapshot(
    Instant time,
    long nanos,
    String server,
    @Nullable AgentFacts agent,
    Jvm jvm,
    List<ProbeSnapshot> probes) {
  JvmSnapshot {
    probes = List.copyOf(probes);
  }

  /**
   * @param lastError empty if nothing went wrong
   */
  record AgentFacts(String version, String bridge, String control, String lastError) {}

  /**
   * @param runtimeName usually {@code pid@host}
   * @param startMillis when it started, since the epoch
   */
  record Jvm(String runtimeName, long startMillis) {}
}
