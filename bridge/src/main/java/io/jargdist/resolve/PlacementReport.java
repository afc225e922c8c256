/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.RegularFile;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.ReturnSites;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reports where each function of a file, or its returns, would be probed, and why. */
public final class PlacementReport {
  private PlacementReport() {}

  /**
   * A function and where it would be probed.
   *
   * @param names all that it has
   */
  public record Row(List<String> names, long address, Placement placement) {}

  /**
   * A function and the instructions by which it returns.
   *
   * @param names all that it has
   */
  public record ReturnRow(List<String> names, ReturnSites returns) {}

  /**
   * @param exportedOnly whether to look at the dynamic symbol table only
   * @param most how many functions to look at, evenly chosen from all
   */
  public record Choice(boolean exportedOnly, int most) {}

  /**
   * @param reads what the probes look at
   * @return in the order of addresses
   */
  public static List<Row> of(Path file, ProbePlacer placer, Choice choice, Placement.Reads reads)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    try (ElfFile elf = open(file)) {
      for (Map.Entry<Long, List<String>> function : chosen(elf, choice).entrySet()) {
        long address = function.getKey();
        rows.add(
            new Row(
                List.copyOf(function.getValue()),
                address,
                placer.place(elf, elf.codeOffset(address), reads)));
      }
    }
    return rows;
  }

  /**
   * @return in the order of addresses, without pieces of functions
   */
  public static List<ReturnRow> returns(Path file, ProbePlacer placer, Choice choice)
      throws IOException {
    List<ReturnRow> rows = new ArrayList<>();
    try (ElfFile elf = open(file)) {
      for (Map.Entry<Long, List<String>> function : chosen(elf, choice).entrySet()) {
        if (!CompilerClone.isPiece(function.getValue().get(0))) {
          rows.add(
              new ReturnRow(
                  List.copyOf(function.getValue()), placer.returns(elf, function.getKey())));
        }
      }
    }
    return rows;
  }

  /** All of its content is asked for, so there is no limit of work. */
  private static ElfFile open(Path file) throws IOException {
    return ElfFile.open(
        RegularFile.open(bytes(file), file.toString()), new WorkBudget(Long.MAX_VALUE));
  }

  /** The operator's own path, as the machine has it. */
  private static String bytes(Path file) {
    return new String(
        file.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Returns the names of the chosen functions by their addresses. */
  private static Map<Long, List<String>> chosen(ElfFile elf, Choice choice) throws IOException {
    Map<Long, List<String>> functions = new TreeMap<>();
    for (ElfFile.Symbol symbol : elf.functions(choice.exportedOnly())) {
      if (!symbol.indirect()) {
        List<String> names = functions.computeIfAbsent(symbol.address(), a -> new ArrayList<>());
        if (!names.contains(symbol.name())) {
          names.add(symbol.name());
        }
      }
    }
    List<Long> addresses = new ArrayList<>(functions.keySet());
    int count = Math.min(choice.most(), addresses.size());
    Map<Long, List<String>> chosen = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      long address = addresses.get((int) ((long) i * addresses.size() / count));
      chosen.put(address, functions.getOrDefault(address, List.of()));
    }
    return chosen;
  }
}
