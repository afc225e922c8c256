/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.ProbeHost;
import java.io.IOException;

/** A source from which probes get their host. */
interface HostSource {
  /**
   * Returns a host that works.
   *
   * @throws IOException if there is none, and none can be had
   */
  ProbeHost host() throws IOException;
}
