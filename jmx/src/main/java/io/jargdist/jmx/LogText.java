/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.text.VisibleText;

/** Prepares a client's text for a log or a notification. */
final class LogText {
  private static final int MAX_LENGTH = 200;

  private LogText() {}

  /** Returns the beginning of a text, in one line, so that no client can forge lines of the log. */
  static String of(String text) {
    int length = text.length();
    return length <= MAX_LENGTH
        ? VisibleText.value(text)
        : VisibleText.value(text.substring(0, MAX_LENGTH))
            + "... ("
            + length
            + " characters in all)";
  }
}
