/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.HistogramSnapshot;
import java.io.IOException;

/** A probe that collects one value into a histogram. */
public non-sealed interface HistogramProbe extends Probe {
  /** What stands above the rows. */
  String label();

  /** Unit of the values, such as {@code "ns"}; empty when nothing is known about it. */
  String unit();

  /**
   * Asks the bridge.
   *
   * @throws IOException if the bridge does not answer; the message says why
   */
  HistogramSnapshot read() throws IOException;
}
