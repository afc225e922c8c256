/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.PlacementPrinter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints where the functions of a file would be probed, and why. */
@Command(
    name = "placement",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows at which instruction each function of a library would be probed, and why.",
    footer = {
      "",
      "Examples:",
      "  jargdist placement /lib/x86_64-linux-gnu/libc.so.6",
      "  jargdist placement --all --most 100 /usr/lib/jvm/default/lib/server/libjvm.so",
      "  jargdist placement --all --returns /usr/lib/jvm/default/lib/server/libjvm.so"
    })
final class PlacementCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      description = "a library, such as /lib/x86_64-linux-gnu/libc.so.6")
  private Path file = Path.of("");

  @Option(
      names = "--all",
      description = "also functions that are not exported, if the file has their symbols")
  private boolean all;

  @Option(
      names = "--most",
      paramLabel = "N",
      description = "not more than N functions, evenly chosen from all")
  private int most = Integer.MAX_VALUE;

  @Option(
      names = "--parameters",
      paramLabel = "N",
      defaultValue = "6",
      description = "how many parameters the probe may read (default: ${DEFAULT-VALUE})")
  private int parameters;

  @Option(
      names = "--entry-only",
      description = "for p: probes, to which the stack pointer does not matter")
  private boolean entryOnly;

  @Option(
      names = "--returns",
      description =
          "shows the return instructions at which each function's returns would be probed")
  private boolean returns;

  @Override
  public Integer call() throws Exception {
    if (most < 1 || parameters < 0) {
      throw new UsageException(
          "--most takes a positive number, --parameters none that is negative");
    }
    PlacementPrinter.Choice choice = new PlacementPrinter.Choice(all, most, parameters, entryOnly);
    if (returns) {
      PlacementPrinter.printReturns(file, choice, Output.STDOUT::line);
    } else {
      PlacementPrinter.print(file, choice, Output.STDOUT::line);
    }
    return ExitStatus.OK;
  }
}
