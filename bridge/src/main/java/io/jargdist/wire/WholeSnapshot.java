/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Puts the counts of a probe together from the pages of a large table. */
public final class WholeSnapshot {
  /** More than the largest table that is allowed takes. */
  private static final int MOST_PAGES = 10_000;

  private WholeSnapshot() {}

  /** The source of the pages. */
  public interface Pages {
    /**
     * @param from see {@link Message.Read}
     */
    Message from(int from) throws IOException, ProbeException;
  }

  /**
   * Asks for all pages, one after another.
   *
   * @return {@link Message.Counts} with all rows; another message if that is the answer
   */
  public static Message of(Pages pages) throws IOException, ProbeException {
    List<Snapshot<?>> parts = new ArrayList<>();
    int next = 0;
    for (int read = 0; read < MOST_PAGES; read++) {
      Message answer = pages.from(next);
      if (answer instanceof Message.Page page) {
        parts.add(page.rows());
        next = page.next();
      } else if (parts.isEmpty()) {
        return answer;
      } else if (answer instanceof Message.Counts last) {
        return last.with(joined(parts, last.snapshot()));
      } else {
        throw new IOException("not a page of a table: " + answer.getClass().getName());
      }
    }
    throw new IOException("a table of more than " + MOST_PAGES + " pages");
  }

  private static Snapshot<?> joined(List<Snapshot<?>> parts, Snapshot<?> last) throws IOException {
    parts.add(last);
    try {
      return Snapshot.ofParts(parts);
    } catch (IllegalArgumentException e) {
      throw new IOException("pages that do not belong together: " + e.getMessage(), e);
    }
  }
}
