/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

/** In whose name a bridge probes: whose privilege counts. */
public enum BridgeOwner {
  /** The JVM that is probed has started it. */
  TARGET(
      "start the JVM as root, or with "
          + BridgeOwner.CAPABILITIES
          + ", or run jargdist -p PID as root, for which the JVM needs no privilege"),

  /** A command line is the bridge itself. */
  COMMAND_LINE("run jargdist as root, or with " + BridgeOwner.CAPABILITIES);

  private static final String CAPABILITIES =
      "CAP_BPF and CAP_PERFMON (before Linux 6.6 and for tracepoints also CAP_SYS_ADMIN)";

  private final String remedy;

  BridgeOwner(String remedy) {
    this.remedy = remedy;
  }

  /** What to do when a privilege is missing. */
  String remedy() {
    return remedy;
  }
}
