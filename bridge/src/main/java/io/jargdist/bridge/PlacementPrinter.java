/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.compile.CompilerProcess;
import io.jargdist.cost.MachineCosts;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.PlacementReport;
import io.jargdist.resolve.ProbePlacer;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.ReturnSites;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Prints where the functions of a file would be probed on this machine. */
public final class PlacementPrinter {
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private PlacementPrinter() {}

  /**
   * @param all whether to look at functions that are not exported, too
   * @param most how many functions to look at
   * @param parameters how many parameters the probes may read
   * @param entryOnly whether the probes are {@code p:} probes, to which the stack pointer does not
   *     matter
   */
  public record Choice(boolean all, int most, int parameters, boolean entryOnly) {}

  /**
   * @param lines takes each row
   * @throws IOException if the file cannot be read, or if it cannot be measured here what probes
   *     cost
   */
  public static void print(Path file, Choice choice, Consumer<String> lines) throws IOException {
    UprobeCosts costs = new MachineCosts(new KernelTypes()).uprobes();
    if (costs.nanos().isEmpty()) {
      throw new IOException("what probes cost cannot be measured here: run it as root");
    }
    Path javaHome = Path.of(System.getProperty("java.home"));
    int behind = 0;
    int cheap = 0;
    List<PlacementReport.Row> rows;
    try (CompilerProcess compiler = new CompilerProcess(javaHome, IDLE, TIMEOUT)) {
      rows =
          PlacementReport.of(
              file,
              new ProbePlacer(compiler, costs),
              new PlacementReport.Choice(!choice.all(), choice.most()),
              new Placement.Reads(choice.parameters(), !choice.entryOnly()));
    }
    for (PlacementReport.Row row : rows) {
      Placement placement = row.placement();
      behind += placement.distance() > 0 ? 1 : 0;
      cheap += costs.isCheap(placement.kind()) ? 1 : 0;
      lines.accept(
          String.join(" = ", row.names()) + "+" + placement.distance() + " " + placement.reason());
    }
    lines.accept(
        String.format(
            Locale.ROOT,
            "%d functions: %d begin with a cheap instruction, %d are probed behind their entry, %d"
                + " at full cost",
            rows.size(),
            cheap - behind,
            behind,
            rows.size() - cheap));
  }

  /**
   * Prints which functions of a file can have their returns probed at their return instructions,
   * and why others cannot.
   *
   * @param choice of which the parameters do not matter
   * @throws IOException if the file cannot be read
   */
  public static void printReturns(Path file, Choice choice, Consumer<String> lines)
      throws IOException {
    Path javaHome = Path.of(System.getProperty("java.home"));
    List<PlacementReport.ReturnRow> rows;
    try (CompilerProcess compiler = new CompilerProcess(javaHome, IDLE, TIMEOUT)) {
      rows =
          PlacementReport.returns(
              file,
              new ProbePlacer(compiler, UprobeCosts.UNKNOWN),
              new PlacementReport.Choice(!choice.all(), choice.most()));
    }
    Map<ReturnSites.Reason, Integer> refused = new EnumMap<>(ReturnSites.Reason.class);
    List<Integer> sites = new ArrayList<>();
    for (PlacementReport.ReturnRow row : rows) {
      String names = String.join(" = ", row.names());
      lines.accept(names + ": " + row.returns().text());
      if (row.returns() instanceof ReturnSites.Refused no) {
        refused.merge(no.reason(), 1, Integer::sum);
      } else {
        sites.add(row.returns().sites().size());
      }
    }
    Collections.sort(sites);
    lines.accept(
        String.format(
            Locale.ROOT,
            "%d functions: the returns of %d (%.1f %%) can be probed at their return instructions,"
                + " of which they have %d in the median, %d at the 90th percentile",
            rows.size(),
            sites.size(),
            rows.isEmpty() ? 0.0 : 100.0 * sites.size() / rows.size(),
            sites.isEmpty() ? 0 : sites.get(sites.size() / 2),
            sites.isEmpty() ? 0 : sites.get(sites.size() * 9 / 10)));
    refused.entrySet().stream()
        .sorted(Map.Entry.<ReturnSites.Reason, Integer>comparingByValue().reversed())
        .forEach(
            entry ->
                lines.accept(
                    String.format(
                        Locale.ROOT, "%6d: %s", entry.getValue(), entry.getKey().text())));
  }
}
