/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.CodeLocation;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.FunctionCode;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cheapest place that sees the entry of a function. Thread-safe if its disassembler is.
 */
public final class ProbePlacer {
  private final Disassembler disassembler;
  private final UprobeCosts costs;
  private @Nullable List<Object> file;
  private @Nullable CodeMap map;

  public ProbePlacer(Disassembler disassembler, UprobeCosts costs) {
    this.disassembler = disassembler;
    this.costs = costs;
  }

  /**
   * @param function where the function begins
   * @param reads what the probe looks at
   */
  public Placement place(CodeLocation function, Placement.Reads reads) {
    if (costs.nanosAt(null) == null) {
      return Placement.atEntry(null, "what probes cost here could not be measured");
    }
    try {
      Path path = Path.of(function.path());
      ElfFile elf = ElfFile.open(path);
      FunctionCode code = map(path, elf).function(elf.codeAddress(function.offset()));
      if (code == null) {
        return Placement.atEntry(null, "no symbol says where the function ends");
      }
      Placement cheapEntry = Placement.atCheapEntry(code, costs);
      if (cheapEntry != null) {
        return cheapEntry;
      }
      return Placement.decide(
          code, disassembler.disassemble(code.bytes(), code.entry()), costs, reads);
    } catch (IOException | MachineException e) {
      return Placement.atEntry(null, "it could not be decoded: " + e.getMessage());
    }
  }

  /** The map of the file that was asked for last is kept. */
  private synchronized CodeMap map(Path path, ElfFile elf) throws IOException {
    List<Object> asked =
        List.of(
            String.valueOf(Files.getAttribute(path, "unix:dev")),
            String.valueOf(Files.getAttribute(path, "unix:ino")),
            Files.getLastModifiedTime(path));
    if (map == null || !asked.equals(file)) {
      map = new CodeMap(elf);
      file = asked;
    }
    return map;
  }
}
