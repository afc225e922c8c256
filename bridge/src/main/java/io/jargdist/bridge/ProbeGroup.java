/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.kernel.Gate;
import io.jargdist.os.KernelException;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Probes that begin to count at the same instant, and whose counts can be kept as of one instant.
 * Owns their gate, not the probes. Thread-safe.
 */
final class ProbeGroup implements AutoCloseable {
  private final Gate gate;
  private final Set<RunningProbe> probes = new LinkedHashSet<>();
  private @Nullable Instant started;

  private ProbeGroup(Gate gate) {
    this.gate = gate;
  }

  static ProbeGroup create() throws KernelException {
    return new ProbeGroup(Gate.create());
  }

  /** Probes that are loaded with it belong to the group. */
  Gate gate() {
    return gate;
  }

  synchronized void add(RunningProbe probe) {
    probes.add(probe);
  }

  synchronized void remove(RunningProbe probe) {
    probes.remove(probe);
  }

  synchronized boolean isEmpty() {
    return probes.isEmpty();
  }

  /** Lets the probes count, unless they do already; answers since when. */
  synchronized Instant start() throws KernelException, IOException {
    Instant known = started;
    if (known != null) {
      return known;
    }
    for (RunningProbe probe : probes) {
      probe.aboutToBegin();
    }
    gate.open();
    Instant now = Instant.now();
    started = now;
    return now;
  }

  /**
   * Keeps what the probes have counted up to now. What is in flight now may count later for some of
   * them: for each at most one event of each thread.
   */
  synchronized void mark() throws KernelException {
    int resting = gate.restingHalf();
    for (RunningProbe probe : probes) {
      probe.markResting(resting);
    }
    gate.turn();
    for (RunningProbe probe : probes) {
      probe.markTurned(1 - resting);
    }
  }

  /** The programs of probes that are still attached keep the gate in the kernel. */
  @Override
  public void close() {
    gate.close();
  }
}
