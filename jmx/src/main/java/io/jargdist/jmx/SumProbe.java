/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.util.List;

/** A probe that adds a value up for each combination of others. */
public non-sealed interface SumProbe extends Probe {
  @Override
  default Form form() {
    return Form.SUM;
  }

  /** Returns the key; empty when there is one sum only. */
  List<KeyColumn> columns();

  /** Unit of the values, such as {@code "ns"}; empty when nothing is known about it. */
  String unit();

  /**
   * Asks the bridge.
   *
   * @throws IOException if the bridge does not answer; the message says why
   */
  SumSnapshot read() throws IOException;
}
