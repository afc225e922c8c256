/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.FrequencySnapshot;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
   * @return {@link Message.Histogram}, or {@link Message.Frequency} with all rows
   */
  public static Message of(Pages pages) throws IOException, ProbeException {
    Message answer = pages.from(0);
    if (!(answer instanceof Message.Page first)) {
      return answer;
    }
    Map<List<String>, Long> counts = new HashMap<>(first.rows().counts());
    int next = first.next();
    for (int read = 1; read < MOST_PAGES; read++) {
      answer = pages.from(next);
      if (answer instanceof Message.Frequency last) {
        add(last.snapshot(), counts);
        return new Message.Frequency(
            new FrequencySnapshot(counts, last.snapshot().losses(), last.snapshot().sampling()),
            last.health());
      } else if (answer instanceof Message.Page page) {
        add(page.rows(), counts);
        next = page.next();
      } else {
        throw new IOException("not a page of a table: " + answer.getClass().getName());
      }
    }
    throw new IOException("a table of more than " + MOST_PAGES + " pages");
  }

  /** Two keys of the kernel may be the same text. */
  private static void add(FrequencySnapshot rows, Map<List<String>, Long> counts) {
    rows.counts().forEach((key, count) -> counts.merge(key, count, Long::sum));
  }
}
