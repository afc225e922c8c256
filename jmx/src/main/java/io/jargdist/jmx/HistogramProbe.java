/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.util.List;

/** A probe that collects one value into a histogram. */
public non-sealed interface HistogramProbe extends Probe {
  @Override
  default Form form() {
    return Form.HISTOGRAM;
  }

  /** Returns what stands above the rows. */
  String label();

  /** Returns the key; empty when there is one histogram only. */
  List<KeyColumn> columns();

  /** Returns how the values are divided; always the same. */
  BucketScheme scheme();

  /** Unit of the values, such as {@code "ns"}; empty when nothing is known about it. */
  String unit();

  /**
   * Returns what {@code $latency} shows for a function that does nothing, in nanoseconds, as far as
   * the last snapshot told; NaN if the probe does not use it, or that is not known yet.
   */
  default double latencyFloorNanos() {
    return Double.NaN;
  }

  /**
   * Asks the bridge.
   *
   * @throws IOException if the bridge does not answer; the message says why
   */
  HistogramSnapshot read() throws IOException;
}
