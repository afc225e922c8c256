/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import javax.swing.JComponent;
import org.jspecify.annotations.Nullable;

/**
 * Texts of tooltips. Swing takes a tooltip that begins with {@code <html>} for HTML and would load
 * the images that it names; most texts come from the target's memory. So each tooltip is HTML of
 * ours, in which the text is only text.
 */
final class Tip {
  private static final int LINE = 100;
  private static final int MOST = 4_000;

  private Tip() {}

  /** Gives a component a tooltip, or with null none. */
  static void set(JComponent component, @Nullable String text) {
    component.setToolTipText(text == null ? null : of(text));
  }

  /** Returns the text as it is, in lines of at most 100 characters, since Swing breaks no lines. */
  static String of(String text) {
    StringBuilder html = new StringBuilder("<html>");
    int column = 0;
    for (int c : text.codePoints().limit(MOST).toArray()) {
      if (c == '\n' || column == LINE) {
        html.append("<br>");
        column = 0;
      }
      if (c != '\n') {
        html.append(escaped(c));
        column++;
      }
    }
    return html.append("</html>").toString();
  }

  private static String escaped(int c) {
    return switch (c) {
      case '<' -> "&lt;";
      case '>' -> "&gt;";
      case '&' -> "&amp;";
      case ' ' -> "&nbsp;";
      default -> Character.toString(c);
    };
  }
}
