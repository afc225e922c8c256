/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;

/** The exit codes of commands. */
final class ExitStatus {
  static final int OK = 0;

  /** The specifier is wrong, or the kernel refuses this one probe. */
  static final int SPECIFIER = 1;

  /** The command line is not understood. */
  static final int USAGE = 2;

  /** The JVM or the bridge cannot be reached, or a privilege is missing. */
  static final int UNREACHABLE = 3;

  private ExitStatus() {}

  static int of(Exception failure) {
    if (failure instanceof UsageException) {
      return USAGE;
    }
    return failure instanceof ProbeException e && e.kind() == Failure.Kind.SPECIFIER
        ? SPECIFIER
        : UNREACHABLE;
  }
}
