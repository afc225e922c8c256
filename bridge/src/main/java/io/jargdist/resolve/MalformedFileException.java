/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;

/** A file is not what it seems to be. This stands for all faults of a foreign file. */
final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param what is wrong with it: {@code "a section lies outside"}
   */
  MalformedFileException(String path, String what) {
    super(path + " is not a whole ELF file (" + what + ")");
  }
}
