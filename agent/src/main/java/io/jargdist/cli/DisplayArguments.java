/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say when and how to print. */
final class DisplayArguments {
  @Option(
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      description = "time between two prints (default: 1)")
  private @Nullable Integer interval;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "SECONDS",
      description = "ends after this time")
  private @Nullable Integer duration;

  @Option(
      names = {"-n", "--number"},
      paramLabel = "N",
      description = "ends after this many prints")
  private @Nullable Integer number;

  @Option(
      names = {"-c", "--cumulative"},
      description = "shows everything since the start, not just the last interval")
  private boolean cumulative;

  @Option(
      names = {"-T", "--top"},
      paramLabel = "N",
      description =
          "shows only the N most frequent rows of each table, the largest sums, and the busiest keys of"
              + " each histogram (0: all); -N leaves out the N least frequent")
  private @Nullable Integer top;

  @Option(
      names = "--stats",
      description =
          "below each histogram a line with count, mean, percentiles and the largest value; always on"
              + " a terminal")
  private boolean stats;

  @Option(
      names = "--json",
      description = "prints one JSON object a line, for each interval; docs/usage.md explains it")
  private boolean json;

  /** Returns the settings of a command that prints again and again. */
  Display display() throws UsageException {
    return display(Integer.MAX_VALUE);
  }

  /** Returns the settings of a command that prints once by default. */
  Display displayOnce() throws UsageException {
    return display(interval == null && duration == null ? 1 : Integer.MAX_VALUE);
  }

  /**
   * @param most prints if their number is not given
   */
  private Display display(int most) throws UsageException {
    int seconds = interval == null ? 1 : interval;
    if (seconds < 1) {
      throw new UsageException("-i takes a positive number");
    }
    int prints = number == null ? most : Math.max(1, number);
    if (duration != null && duration != 0) {
      prints = Math.min(prints, Math.max(1, (duration + seconds - 1) / seconds));
    }
    return new Display(seconds, prints, cumulative, top, stats, json);
  }
}
