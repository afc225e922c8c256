/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanException;
import javax.management.RuntimeMBeanException;

/** Says what went wrong, in words for the user. */
final class Failures {
  private Failures() {}

  static String text(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException
            || cause instanceof MBeanException
            || cause instanceof RuntimeMBeanException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof InstanceNotFoundException) {
      return "it is gone: " + cause.getMessage();
    }
    if (cause instanceof IOException) {
      return "the JVM does not answer: " + cause.getMessage();
    }
    if (cause instanceof SecurityException
        && String.valueOf(cause.getMessage()).contains("Access denied")) {
      return "this JMX user may only read ("
          + cause.getMessage()
          + "): connect as one with readwrite access";
    }
    String message = cause.getMessage();
    return message == null || message.isBlank() ? cause.toString() : message;
  }
}
