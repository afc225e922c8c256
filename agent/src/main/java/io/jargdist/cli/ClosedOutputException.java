/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.io.IOException;
import java.io.PrintStream;

/** Nobody reads what we print. */
final class ClosedOutputException extends IOException {
  private static final long serialVersionUID = 1;

  private ClosedOutputException() {
    super("nobody reads this output any more: stdout is closed, or the disk is full");
  }

  /** Flushes. */
  static void check(PrintStream out) throws ClosedOutputException {
    if (out.checkError()) {
      throw new ClosedOutputException();
    }
  }
}
