/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When and how to print. */
final class DisplayArguments {
  @Option(
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "time between two prints (default: 1)")
  private int interval;

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
          "shows only the N most frequent rows of each frequency table (0: all); -N leaves out the N"
              + " least frequent")
  private @Nullable Integer top;

  @Option(
      names = "--stats",
      description =
          "below each histogram a line with count, mean, percentiles and the largest value, each up"
              + " to its bucket")
  private boolean stats;

  @Option(
      names = "--json",
      description = "prints one JSON object a line, for each interval; docs/usage.md explains it")
  private boolean json;

  Display display() throws UsageException {
    if (interval < 1) {
      throw new UsageException("-i takes a positive number");
    }
    int prints = number == null ? Integer.MAX_VALUE : Math.max(1, number);
    if (duration != null && duration != 0) {
      prints = Math.min(prints, Math.max(1, (duration + interval - 1) / interval));
    }
    return new Display(interval, prints, cumulative, top, stats, json);
  }
}
