/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

/** The process that has started a bridge, and whose privilege the bridge needs. */
public enum BridgeOwner {
  /** The probed JVM has started the bridge. */
  TARGET(
      "start the JVM as root, or with "
          + BridgeOwner.CAPABILITIES
          + ", or run jargdist -p PID as root, for which the JVM needs no privilege"),

  /** The command line is the bridge itself. */
  COMMAND_LINE("run jargdist as root, or with " + BridgeOwner.CAPABILITIES);

  private static final String CAPABILITIES =
      "CAP_BPF and CAP_PERFMON (before Linux 6.6 and for tracepoints also CAP_SYS_ADMIN)";

  private final String remedy;

  BridgeOwner(String remedy) {
    this.remedy = remedy;
  }

  /** Returns what to do if a privilege is missing. */
  String remedy() {
    return remedy;
  }
}
