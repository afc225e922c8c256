/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.wire.Message;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Cuts a frequency table into pages that fit into a message. */
final class TablePages {
  private static final int ROWS = 4096;

  /** The size of a page, in characters, each of which takes at most two bytes. */
  private static final int TEXT = 1 << 20;

  private TablePages() {}

  /**
   * @param whole the same object for all pages of a snapshot, since the order of its rows is its
   *     own
   * @param from the number of the first row
   * @return a {@link Message.Page}, or the last rows as a {@link Message.Frequency}
   */
  static Message page(Message.Frequency whole, int from) {
    Map<List<String>, Long> counts = whole.snapshot().counts();
    if (from == 0 && counts.size() <= ROWS && fits(counts)) {
      return whole;
    }
    Iterator<Map.Entry<List<String>, Long>> all = counts.entrySet().iterator();
    for (int i = 0; i < from && all.hasNext(); i++) {
      all.next();
    }
    Map<List<String>, Long> rows = new HashMap<>();
    int text = 0;
    while (all.hasNext() && rows.size() < ROWS && text < TEXT) {
      Map.Entry<List<String>, Long> row = all.next();
      rows.put(row.getKey(), row.getValue());
      text += length(row.getKey());
    }
    return all.hasNext()
        ? new Message.Page(
            new FrequencySnapshot(rows, Losses.NONE, Sampling.NONE), from + rows.size())
        : new Message.Frequency(
            new FrequencySnapshot(rows, whole.snapshot().losses(), whole.snapshot().sampling()),
            whole.health());
  }

  private static boolean fits(Map<List<String>, Long> counts) {
    return counts.keySet().stream().mapToInt(TablePages::length).sum() < TEXT;
  }

  private static int length(List<String> key) {
    return key.stream().mapToInt(String::length).sum();
  }
}
