/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.RegularFile;
import io.jargdist.resolve.placement.Placement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reports where each function of a file would be probed, and why. */
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
    try (ElfFile elf =
        ElfFile.open(RegularFile.open(bytes(file), file.toString()), WorkBudget.ofARequest())) {
      return of(elf, placer, exportedOnly, most, reads);
    }
  }

  /** The operator's own path, as the machine has it. */
  private static String bytes(Path file) {
    return new String(
        file.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static List<Row> of(
      ElfFile elf, ProbePlacer placer, boolean exportedOnly, int most, Placement.Reads reads)
      throws IOException {
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
      rows.add(
          new Row(
              List.copyOf(functions.getOrDefault(address, List.of())),
              address,
              placer.place(elf, elf.codeOffset(address), reads)));
    }
    return rows;
  }
}
