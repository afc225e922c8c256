/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

/** For what a command line loads the agent into the JVM. */
enum AgentUse {
  /** To count, where this process may not probe itself. */
  TO_COUNT,

  /** To count likewise, and to show the probes as MBeans. */
  TO_PUBLISH,

  NONE
}
