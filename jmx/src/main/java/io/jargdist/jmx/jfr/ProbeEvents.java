/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.jfr;

import io.jargdist.jmx.Probe;
import java.util.List;
import java.util.function.Supplier;

/**
 * The probes in recordings of Flight Recorder: while one runs, what they count becomes events,
 * {@code jargdist.HistogramBucket}, {@code jargdist.Frequency} and {@code jargdist.Sum}, by default
 * once a second, {@code jargdist.Loss} for what is missing, and {@code jargdist.Probe}. While no
 * recording runs, nothing is read, and there is no thread. A recording has exactly what was counted
 * while it ran, if {@code jargdist.Probe} is enabled: the last interval ends with it.
 */
public final class ProbeEvents {
  private final Intervals intervals;

  private ProbeEvents(Intervals intervals) {
    this.intervals = intervals;
  }

  /**
   * Puts the probes into recordings from now on. A Java runtime without Flight Recorder has none.
   * Loads some classes of the JDK, which takes some milliseconds.
   *
   * @param probes those of this moment; may be called by any thread
   */
  public static ProbeEvents start(Supplier<? extends List<? extends Probe>> probes) {
    Intervals intervals = new Intervals(probes);
    if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
      RecordingListener.start(intervals);
    }
    return new ProbeEvents(intervals);
  }

  /** Puts into the running recordings what a probe has counted; it is going to be removed. */
  public void beforeRemoval(Probe probe) {
    intervals.beforeRemoval(probe);
  }
}
