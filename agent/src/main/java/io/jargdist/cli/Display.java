/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import org.jspecify.annotations.Nullable;

/**
 * The times and the amount of what is printed.
 *
 * @param intervalSeconds at least 1
 * @param prints after how many prints to end
 * @param cumulative whether each print shows everything since the start
 * @param top rows of a table, and histograms of a histogram with keys, at most; null or 0 for all;
 *     a negative number leaves out so many of the least frequent
 * @param stats whether to print figures of each histogram
 * @param json whether to print JSON
 */
record Display(
    int intervalSeconds,
    int prints,
    boolean cumulative,
    @Nullable Integer top,
    boolean stats,
    boolean json) {
  /** The same, with figures of each histogram. */
  Display withStats() {
    return new Display(intervalSeconds, prints, cumulative, top, true, json);
  }

  /**
   * Returns how many rows of a table are shown.
   *
   * @param all how many it has
   */
  int rows(int all) {
    if (top == null || top == 0) {
      return all;
    }
    return top > 0 ? Math.min(all, top) : Math.max(0, all + top);
  }
}
