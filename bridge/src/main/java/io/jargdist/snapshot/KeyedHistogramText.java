/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A histogram with keys as text: for each key a line that names it, as a row of {@link
 * FrequencyText} does, and the rows of its histogram; the busiest key comes last.
 *
 * <pre>
 * fd = 3
 *      latency/1000        : count     distribution
 *          0 -> 1          : 3        |****************************************|
 * fd = 11
 *      latency/1000        : count     distribution
 *          0 -> 1          : 17       |****************************************|
 * </pre>
 */
public final class KeyedHistogramText {
  private KeyedHistogramText() {}

  /** Returns the lines of a key's histogram. */
  public interface Lines {
    List<String> of(HistogramSnapshot histogram);
  }

  /**
   * Returns the rows of the busiest keys; nothing at all without events.
   *
   * @param label what stands above the rows
   * @param top how many keys at most
   */
  public static List<String> rows(
      HistogramSnapshot histogram, List<KeyColumn> columns, String label, int top) {
    return rows(histogram, columns, top, key -> HistogramText.rows(key, label));
  }

  /**
   * @param lines what stands below the line that names the key
   */
  public static List<String> rows(
      HistogramSnapshot histogram, List<KeyColumn> columns, int top, Lines lines) {
    List<Map.Entry<List<String>, Distribution>> keys = histogram.busiest(top);
    List<String> rows = new ArrayList<>();
    for (int i = keys.size() - 1; i >= 0; i--) {
      rows.add(FrequencyText.event(keys.get(i).getKey(), columns));
      rows.addAll(lines.of(keys.get(i).getValue().histogram(histogram.scheme())));
    }
    return rows;
  }
}
