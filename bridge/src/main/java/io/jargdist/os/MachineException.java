/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

/**
 * This machine lacks something that every probe of a kind needs: a privilege, libbcc, tracefs. The
 * message is one line that says what is missing and what to do about it.
 */
public final class MachineException extends Exception {
  private static final long serialVersionUID = 1;

  public MachineException(String message) {
    super(message);
  }

  public MachineException(String message, Throwable cause) {
    super(message, cause);
  }
}
