/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.ArrayList;
import java.util.List;

/**
 * A histogram as argdist prints it, byte for byte while there is no negative value.
 *
 * <pre>
 *      label               : count     distribution
 *          0 -> 1          : 3        |********                                |
 *          2 -> 3          : 15       |****************************************|
 * </pre>
 *
 * <p>Values below zero, which argdist does not count, come first: the rows from the lowest one up
 * to -1. The columns are the wide ones when a bound does not fit into ten characters.
 *
 * <p>After {@code _print_log2_hist} and {@code _stars} of bcc's {@code table.py}; {@code
 * ArgdistParityTest} compares with it.
 */
public final class HistogramText {
  private static final int NARROW_HIGHEST = 32;
  private static final int NARROW_LOWEST = -29;

  private HistogramText() {}

  /**
   * The header line and the rows; nothing at all without events.
   *
   * @param label what stands above the rows
   */
  public static List<String> rows(HistogramSnapshot histogram, String label) {
    int first = 1;
    int last = 0;
    long max = 0;
    for (int position = Log2Buckets.LOWEST; position <= Log2Buckets.HIGHEST; position++) {
      long count = histogram.count(Log2Buckets.slotAt(position));
      if (count > 0) {
        first = Math.min(first, position);
        last = Math.max(position, -1);
        max = Math.max(max, count);
      }
    }
    if (max == 0) {
      return List.of();
    }
    boolean wide = first < NARROW_LOWEST || last > NARROW_HIGHEST;
    int width = wide ? 20 : 10;
    int stars = wide ? 20 : 40;
    List<String> rows = new ArrayList<>();
    StringBuilder row = new StringBuilder();
    row.append(" ".repeat(wide ? 15 : 5));
    padded(row, label, wide ? 29 : 19).append(" : count     distribution");
    rows.add(row.toString());
    for (int position = first; position <= last; position++) {
      if (position == 0) {
        continue;
      }
      int slot = Log2Buckets.slotAt(position);
      long count = histogram.count(slot);
      String low = Log2Buckets.lowText(slot);
      row.setLength(0);
      row.append(" ".repeat(width - low.length())).append(low).append(" -> ");
      padded(row, Log2Buckets.highText(slot), width).append(" : ");
      padded(row, Long.toString(count), 8).append(" |");
      padded(row, "*".repeat((int) (stars * count / max)), stars).append('|');
      rows.add(row.toString());
    }
    return rows;
  }

  /** Appends text, filled up with blanks to at least that width. */
  static StringBuilder padded(StringBuilder row, String text, int width) {
    return row.append(text).append(" ".repeat(Math.max(0, width - text.length())));
  }
}
