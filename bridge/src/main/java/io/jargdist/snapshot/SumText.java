/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sums as a table like {@link FrequencyText}: a header, then a row per key, the largest sum last.
 *
 * <pre>
 *         SUM                  COUNT      EVENT
 *         -12                  3          fd = 3
 *         40960                10         fd = 11
 * </pre>
 */
public final class SumText {
  private static final int SUM_WIDTH = 20;
  private static final int COUNT_WIDTH = 10;

  private SumText() {}

  /** Returns the header line and all rows. */
  public static List<String> rows(SumSnapshot sums, List<KeyColumn> columns) {
    return rows(sums, columns, Integer.MAX_VALUE);
  }

  /**
   * Returns the header line, also without events, and the rows of the largest sums.
   *
   * @param columns of the key; none when there is one sum only
   * @param top how many rows at most
   */
  public static List<String> rows(SumSnapshot sums, List<KeyColumn> columns, int top) {
    List<Map.Entry<List<String>, Sum>> entries = sums.largest(top);
    List<String> rows = new ArrayList<>();
    rows.add(row("SUM", "COUNT", "EVENT"));
    for (int i = entries.size() - 1; i >= 0; i--) {
      Sum sum = entries.get(i).getValue();
      rows.add(
          row(
              Long.toString(sum.sum()),
              Long.toString(sum.events()),
              FrequencyText.event(entries.get(i).getKey(), columns)));
    }
    return rows;
  }

  private static String row(String sum, String count, String event) {
    StringBuilder row = new StringBuilder("\t");
    HistogramText.padded(row, sum, SUM_WIDTH).append(' ');
    HistogramText.padded(row, count, COUNT_WIDTH).append(' ');
    return row.append(event).toString();
  }
}
