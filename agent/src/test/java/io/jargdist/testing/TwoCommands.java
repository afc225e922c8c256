/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What two command lines print, as JSON, of the same calls.
 *
 * @param intervals lines of the one that shows each interval
 * @param cumulative lines of the one that shows everything since the start
 */
public record TwoCommands(List<String> intervals, List<String> cumulative) {
  /** Makes calls of a target. */
  public interface Calls {
    void make() throws IOException;
  }

  /**
   * Lets both count before the first call, and reads them to their end.
   *
   * @param probes their options
   */
  public static TwoCommands of(Target target, Calls calls, String... probes)
      throws IOException, InterruptedException, ExecutionException {
    Process each = Command.start(target, arguments(List.of(), probes));
    Process all = Command.start(target, arguments(List.of("-c"), probes));
    try (BufferedReader out = each.inputReader();
        BufferedReader allOut = all.inputReader()) {
      List<String> intervals = new ArrayList<>(List.of(out.readLine()));
      allOut.readLine();
      CompletableFuture<List<String>> cumulative =
          CompletableFuture.supplyAsync(() -> allOut.lines().toList());
      calls.make();
      out.lines().forEach(intervals::add);
      return new TwoCommands(intervals, cumulative.get());
    }
  }

  private static String[] arguments(List<String> options, String... probes) {
    List<String> arguments = new ArrayList<>(List.of("--json", "-n", "10"));
    arguments.addAll(options);
    arguments.addAll(Arrays.asList(probes));
    return arguments.toArray(new String[0]);
  }

  /** Returns the last line of everything since the start. */
  public String last() {
    return cumulative.get(cumulative.size() - 1);
  }
}
