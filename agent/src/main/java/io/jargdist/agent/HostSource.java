/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.ProbeHost;
import java.io.IOException;

/** Where probes get their host from. */
interface HostSource {
  /**
   * A host that works.
   *
   * @throws IOException if there is none, and none can be had
   */
  ProbeHost host() throws IOException;
}
