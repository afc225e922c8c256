/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Cuts what a probe has counted into pages that fit into a message. */
public final class TablePages {
  private static final int ROWS = 4096;

  /** The size of a page in bytes, but for its last row. */
  private static final int BYTES = 2 << 20;

  private TablePages() {}

  /**
   * @param whole the same object for all pages of a snapshot, since the order of its rows is its
   *     own
   * @param from the number of the first row
   * @return a {@link Message.Page}, or the last rows as {@link Message.Counts}
   */
  public static Message page(Message.Counts whole, int from) {
    Snapshot<?> snapshot = whole.snapshot();
    Iterator<List<String>> all = snapshot.keys().iterator();
    for (int i = 0; i < from && all.hasNext(); i++) {
      all.next();
    }
    List<List<String>> keys = new ArrayList<>();
    int bytes = 0;
    while (all.hasNext() && keys.size() < ROWS && bytes < BYTES) {
      List<String> key = all.next();
      keys.add(key);
      bytes += size(key) + snapshot.elements(key) * Long.BYTES;
    }
    if (from == 0 && !all.hasNext()) {
      return whole;
    }
    Snapshot<?> rows = snapshot.rows(keys);
    return all.hasNext()
        ? new Message.Page(rows, from + keys.size())
        : whole.with(rows.with(snapshot.losses(), snapshot.sampling()));
  }

  /** Each character takes at most two bytes. */
  private static int size(List<String> key) {
    return key.stream().mapToInt(element -> Integer.BYTES + 2 * element.length()).sum();
  }
}
