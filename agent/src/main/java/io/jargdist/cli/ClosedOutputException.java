/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.io.IOException;

/** Our output cannot be written, or its reader has gone. */
final class ClosedOutputException extends IOException {
  private static final long serialVersionUID = 1;

  ClosedOutputException(IOException cause) {
    super(
        "Broken pipe".equals(cause.getMessage())
            ? "nobody reads this output any more: stdout is closed"
            : "this output cannot be written (" + cause.getMessage() + "): write it elsewhere",
        cause);
  }
}
