/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.bridge.protocol.Client;
import java.io.IOException;

/** Where probes get their bridge from. */
interface BridgeSource {
  /**
   * A bridge that works.
   *
   * @throws IOException if there is none, and none can be had
   */
  Client client() throws IOException;
}
