/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

/** What a client has sent, as it may stand in a log or a notification. */
final class LogText {
  private static final int MAX_LENGTH = 200;

  private LogText() {}

  /**
   * The beginning of a text, in one line, so that nobody can write lines of a log that are not
   * ours: what could end or turn a line is written as {@code \\u000a}.
   */
  static String of(String text) {
    StringBuilder line = new StringBuilder();
    int length = text.length();
    for (int i = 0; i < Math.min(length, MAX_LENGTH); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        line.append(c);
      } else {
        line.append("\\u").append("%04x".formatted((int) c));
      }
    }
    return length <= MAX_LENGTH ? line.toString() : line + "... (" + length + " characters in all)";
  }

  /** Not so are controls, separators of lines, marks that change the direction, and halves. */
  private static boolean isPlain(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE ->
          false;
      default -> true;
    };
  }
}
