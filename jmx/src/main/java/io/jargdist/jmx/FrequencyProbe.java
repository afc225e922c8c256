/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.util.List;

/** A probe that counts how often each combination of values occurs. */
public non-sealed interface FrequencyProbe extends Probe {
  @Override
  default Form form() {
    return Form.FREQUENCY;
  }

  /** Returns the key; empty when only calls are counted. */
  List<KeyColumn> columns();

  /**
   * Asks the bridge.
   *
   * @throws IOException if the bridge does not answer; the message says why
   */
  FrequencySnapshot read() throws IOException;

  /**
   * Asks the bridge how many pairs have begun and not ended by the key that they will have.
   *
   * @return without rows unless this is a probe of pairs, and the first event knows the whole key
   * @throws IOException if the bridge does not answer; the message says why
   */
  FrequencySnapshot readOpen() throws IOException;
}
