/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;

/** A file is something else: Java maps archives, too, and some libraries are scripts. */
final class NotElfException extends IOException {
  private static final long serialVersionUID = 1;

  NotElfException(String path) {
    super(path + " is not a 64-bit little-endian ELF file");
  }
}
