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
 * A group of probes that begin to count at the same instant. Their counts can be marked as of one
 * instant. Owns the gate of the probes, but not the probes. Thread-safe.
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

  /** Returns the gate. Probes that are loaded with it belong to the group. */
  Gate gate() {
    return gate;
  }

  synchronized void add(RunningProbe probe) {
    probes.add(probe);
    if (started != null) {
      probe.begins();
    }
  }

  synchronized void remove(RunningProbe probe) {
    probes.remove(probe);
  }

  synchronized boolean isEmpty() {
    return probes.isEmpty();
  }

  /** Lets the probes count, unless they do already; returns since when they count. */
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
   * Marks what the probes have counted up to now. Events in flight may be counted later for some of
   * the probes, at most one event of each thread for each probe.
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

  /**
   * Closes the gate's file descriptors. The kernel keeps the gate as long as programs of attached
   * probes use it.
   */
  @Override
  public void close() {
    gate.close();
  }
}
