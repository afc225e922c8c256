/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

/**
 * Exceptions that a client can read which has only the JDK: one of ours, also as a mere cause,
 * would reach it as an UnmarshalException without our message.
 */
final class JdkExceptions {
  private JdkExceptions() {}

  /** The same message and stack trace in an exception of the JDK, without causes. */
  static RuntimeException of(Throwable failure) {
    String message = failure.getMessage();
    RuntimeException plain;
    if (failure instanceof IllegalArgumentException) {
      plain = new IllegalArgumentException(message);
    } else if (failure instanceof SecurityException) {
      plain = new SecurityException(message);
    } else if (failure instanceof IllegalStateException) {
      plain = new IllegalStateException(message);
    } else {
      plain = new IllegalStateException(failure.toString());
    }
    plain.setStackTrace(failure.getStackTrace());
    return plain;
  }
}
