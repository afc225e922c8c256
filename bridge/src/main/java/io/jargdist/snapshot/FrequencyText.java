/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.text.VisibleText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A frequency table as argdist prints it: a header, then a row per key, the most frequent last.
 *
 * <pre>
 *         COUNT      EVENT
 *         2          fd = 3, name = b'it\'s "x"'
 *         17         fd = 1, name = b'hello'
 *         19         fd = 1, name = b'hello, wor'...
 * </pre>
 *
 * <p>Three dots behind a text, as strace has them, say that it goes on; argdist does not tell.
 */
public final class FrequencyText {
  private FrequencyText() {}

  /** Returns the header line and all rows. */
  public static List<String> rows(FrequencySnapshot frequency, List<KeyColumn> columns) {
    return rows(frequency, columns, Integer.MAX_VALUE);
  }

  /**
   * Returns the header line, also without events, and the rows of the most frequent keys.
   *
   * @param columns of the key; none when only calls are counted
   * @param top how many keys at most
   */
  public static List<String> rows(FrequencySnapshot frequency, List<KeyColumn> columns, int top) {
    return rows("COUNT", frequency, columns, top);
  }

  /** Returns the same of pairs that have begun and not ended. */
  public static List<String> openRows(FrequencySnapshot open, List<KeyColumn> columns, int top) {
    return rows("OPEN", open, columns, top);
  }

  private static List<String> rows(
      String heading, FrequencySnapshot frequency, List<KeyColumn> columns, int top) {
    List<Map.Entry<List<String>, Long>> entries = frequency.mostFrequent(top);
    List<String> rows = new ArrayList<>();
    rows.add(String.format(Locale.ROOT, "\t%-10s EVENT", heading));
    for (int i = entries.size() - 1; i >= 0; i--) {
      StringBuilder row = new StringBuilder("\t");
      HistogramText.padded(row, entries.get(i).getValue().toString(), 10).append(' ');
      appendEvent(row, entries.get(i).getKey(), columns);
      rows.add(row.toString());
    }
    return rows;
  }

  /** Returns a key as it stands in a row: {@code "fd = 3, name = b'hello'"}. */
  public static String event(List<String> key, List<KeyColumn> columns) {
    StringBuilder text = new StringBuilder();
    appendEvent(text, key, columns);
    return text.toString();
  }

  private static void appendEvent(StringBuilder row, List<String> key, List<KeyColumn> columns) {
    if (columns.isEmpty()) {
      row.append("total calls");
    }
    for (int i = 0; i < columns.size(); i++) {
      KeyColumn column = columns.get(i);
      String value = i < key.size() ? key.get(i) : "";
      row.append(i == 0 ? "" : ", ");
      row.append(VisibleText.value(column.expression())).append(" = ");
      if (column.isNumber(value)) {
        row.append(value);
      } else {
        KeyText text = KeyText.of(value);
        appendBytes(row, text.bytes());
        row.append(text.cut() ? "..." : "");
      }
    }
  }

  /** Writes bytes as Python's {@code repr} does: in double quotes if that saves escaping. */
  private static void appendBytes(StringBuilder row, String bytes) {
    char quote = bytes.indexOf('\'') >= 0 && bytes.indexOf('"') < 0 ? '"' : '\'';
    row.append('b').append(quote);
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      if (c == quote || c == '\\') {
        row.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        VisibleText.appendEscape(row, c);
      } else {
        row.append(c);
      }
    }
    row.append(quote);
  }
}
