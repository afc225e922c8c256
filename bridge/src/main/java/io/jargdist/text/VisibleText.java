/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.text;

import java.util.List;

/**
 * Makes every character of a text visible. A name, a label or a message may come from a hostile
 * process, and may hold escape sequences that command a terminal, ends of lines that forge rows, or
 * marks that turn the order of what is shown. These become escapes as Python's {@code repr} writes
 * them: {@code \n}, {@code \x1b}, {@code \u202e}.
 *
 * <p>Other text, backslashes included, is never changed. So an escape looks like the same
 * characters in the text itself, which is harmless.
 */
public final class VisibleText {
  /** The longest message that is shown whole, in characters. */
  public static final int LONGEST_MESSAGE = 8192;

  /** Persian and Hindi words are spelt with these two, and they only join or part two letters. */
  private static final List<Integer> JOINERS = List.of(0x200c, 0x200d);

  private VisibleText() {}

  /** Text within a line: neither its ends of lines nor its tabs stay. */
  public static String value(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      return text;
    }
    StringBuilder visible = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            character -> {
              if (isVisible(character)) {
                visible.appendCodePoint(character);
              } else {
                appendEscape(visible, character);
              }
            });
    return visible.toString();
  }

  /** Returns a line of ours, which may begin with tabs. */
  public static String line(String text) {
    int tabs = 0;
    while (tabs < text.length() && text.charAt(tabs) == '\t') {
      tabs++;
    }
    return text.substring(0, tabs) + value(text.substring(tabs));
  }

  /**
   * Returns a message that may have several lines, such as a diagnostic with a caret and a hint.
   * Only its first line and its hint begin at the left margin, so it cannot pass for two messages;
   * what is too long is cut.
   */
  public static String message(String text) {
    String shown =
        text.length() <= LONGEST_MESSAGE
            ? text
            : text.substring(0, LONGEST_MESSAGE)
                + "\n... and "
                + (text.length() - LONGEST_MESSAGE)
                + " characters more";
    StringBuilder message = new StringBuilder();
    for (String line : shown.strip().split("\n", -1)) {
      if (message.length() > 0) {
        message.append('\n');
        boolean atMargin = line.isEmpty() || line.startsWith(" ") || line.startsWith("hint: ");
        message.append(atMargin ? "" : "  ");
      }
      message.append(value(line));
    }
    return message.toString();
  }

  /** Appends the escape of a character. */
  public static void appendEscape(StringBuilder text, int character) {
    switch (character) {
      case '\t' -> text.append("\\t");
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      default -> {
        int digits = character <= 0xff ? 2 : character <= 0xffff ? 4 : 8;
        text.append('\\').append(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
          text.append(Character.forDigit(character >> shift & 0xf, 16));
        }
      }
    }
  }

  private static boolean isVisible(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.FORMAT -> JOINERS.contains(character);
      default -> true;
    };
  }
}
