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
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
              !choice.all(),
              choice.most(),
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
}
