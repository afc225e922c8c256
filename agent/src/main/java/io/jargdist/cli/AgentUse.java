/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

/** The purpose for which a command line loads the agent into the JVM. */
enum AgentUse {
  /** The agent counts, since this process may not probe. */
  TO_COUNT,

  /** The agent counts likewise, and shows the probes as MBeans. */
  TO_PUBLISH,

  NONE
}
