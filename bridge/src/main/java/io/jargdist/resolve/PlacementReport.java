/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.CodeLocation;
import io.jargdist.resolve.placement.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where each function of a file would be probed, and why. */
public final class PlacementReport {
  private PlacementReport() {}

  /**
   * A function and where it would be probed.
   *
   * @param names all that it has
   */
  public record Row(List<String> names, long address, Placement placement) {}

  /**
   * @param exportedOnly whether to look at the dynamic symbol table only
   * @param most how many functions to look at, evenly chosen from all
   * @param reads what the probes look at
   * @return in the order of addresses
   */
  public static List<Row> of(
      Path file, ProbePlacer placer, boolean exportedOnly, int most, Placement.Reads reads)
      throws IOException {
    ElfFile elf = ElfFile.open(file);
    Map<Long, List<String>> functions = new TreeMap<>();
    for (ElfFile.Symbol symbol : elf.functions(exportedOnly)) {
      if (!symbol.indirect()) {
        List<String> names = functions.computeIfAbsent(symbol.address(), a -> new ArrayList<>());
        if (!names.contains(symbol.name())) {
          names.add(symbol.name());
        }
      }
    }
    List<Long> addresses = new ArrayList<>(functions.keySet());
    int count = Math.min(most, addresses.size());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long address = addresses.get((int) ((long) i * addresses.size() / count));
      CodeLocation location =
          new CodeLocation(file.toString(), elf.fileOffset(address), file.toString());
      rows.add(
          new Row(
              List.copyOf(functions.getOrDefault(address, List.of())),
              address,
              placer.place(location, reads)));
    }
    return rows;
  }
}
