/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.time.ZonedDateTime;
import java.util.List;

/** How the probes' numbers are shown, once an interval. */
interface Printer {
  /**
   * @param readings of all probes, in the order of display
   * @throws ClosedOutputException if nobody reads it any more
   */
  void print(ZonedDateTime time, List<Reading> readings) throws ClosedOutputException;
}
