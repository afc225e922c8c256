/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

/** The purpose for which a command line loads the agent into the JVM. */
enum AgentUse {
  /** The agent counts if this process may not probe. */
  TO_COUNT,

  /** The agent shows the probes as MBeans. It also counts if this process may not probe. */
  TO_PUBLISH,

  NONE
}
