/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.text.VisibleText;
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
 * to -1. The columns are the wide ones when a bound does not fit into ten characters or into 32
 * bits. Other buckets than {@code log2} have the same rows, from the lowest to the highest one with
 * an event, and one row for all empty buckets between two others:
 *
 * <pre>
 *      label               : count     distribution
 *       -inf -> -1         : 3        |********                                |
 *          0 -> 9          : 15       |****************************************|
 *         10 -> 89         : 0        |                                        |
 *         90 -> 99         : 2        |*****                                   |
 * </pre>
 *
 * <p>After {@code _print_log2_hist} and {@code _stars} of bcc's {@code table.py}; {@code
 * ArgdistParityTest} compares with it.
 */
public final class HistogramText {
  private static final int NARROW = 10;
  private static final double NARROW_HIGHEST = 0xffff_ffffL;

  private HistogramText() {}

  /**
   * Returns the same as {@link #rows}, but if there are no events, where argdist prints nothing, a
   * line that says so.
   *
   * <pre>
   *      label               : no events
   * </pre>
   *
   * @param label what stands above the rows
   */
  public static List<String> lines(HistogramSnapshot histogram, String label) {
    if (histogram.count() > 0) {
      return rows(histogram, label);
    }
    StringBuilder row = new StringBuilder(" ".repeat(5));
    padded(row, VisibleText.value(label), 19).append(" : no events");
    return List.of(row.toString());
  }

  /**
   * Returns the header line and the rows; nothing at all without events.
   *
   * @param label what stands above the rows
   */
  public static List<String> rows(HistogramSnapshot histogram, String label) {
    BucketScheme scheme = histogram.scheme();
    int first = scheme.slots();
    int last = -1;
    long max = 0;
    for (int slot = 0; slot < scheme.slots(); slot++) {
      long count = histogram.count(slot);
      if (count > 0) {
        first = Math.min(first, slot);
        last = slot;
        max = Math.max(max, count);
      }
    }
    if (max == 0) {
      return List.of();
    }
    if (scheme.showsEmptyBuckets()) {
      first = Math.min(first, scheme.slotOf(0));
      last = Math.max(last, scheme.signed() ? scheme.slotOf(-1) : 0);
    }
    boolean wide = isWide(scheme, first) || isWide(scheme, last);
    int stars = wide ? 20 : 40;
    List<String> rows = new ArrayList<>();
    StringBuilder row = new StringBuilder();
    row.append(" ".repeat(wide ? 15 : 5));
    padded(row, VisibleText.value(label), wide ? 29 : 19).append(" : count     distribution");
    rows.add(row.toString());
    for (int slot = first; slot <= last; slot++) {
      if (!scheme.isUsed(slot)) {
        continue;
      }
      int low = slot;
      long count = histogram.count(slot);
      while (!scheme.showsEmptyBuckets() && count == 0 && histogram.count(slot + 1) == 0) {
        slot++;
      }
      row.setLength(0);
      padLeft(row, scheme.lowText(low), wide ? 20 : NARROW).append(" -> ");
      padded(row, scheme.highText(slot), wide ? 20 : NARROW).append(" : ");
      padded(row, Long.toString(count), 8).append(" |");
      padded(row, "*".repeat((int) (stars * count / max)), stars).append('|');
      rows.add(row.toString());
    }
    return rows;
  }

  private static boolean isWide(BucketScheme scheme, int slot) {
    return scheme.lowText(slot).length() > NARROW
        || scheme.highText(slot).length() > NARROW
        || (scheme.highValue(slot) > NARROW_HIGHEST && !scheme.isOverflow(slot));
  }

  private static StringBuilder padLeft(StringBuilder row, String text, int width) {
    return row.append(" ".repeat(Math.max(0, width - text.length()))).append(text);
  }

  /** Appends text, filled up with blanks to at least that width. */
  static StringBuilder padded(StringBuilder row, String text, int width) {
    return row.append(text).append(" ".repeat(Math.max(0, width - text.length())));
  }
}
