/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.os.FileStatus;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.FunctionCode;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cheapest place that sees the entry of a function. Thread-safe if its disassembler is.
 */
public final class ProbePlacer {
  private final Disassembler disassembler;
  private final UprobeCosts costs;
  private @Nullable FileStatus file;
  private @Nullable CodeMap map;

  public ProbePlacer(Disassembler disassembler, UprobeCosts costs) {
    this.disassembler = disassembler;
    this.costs = costs;
  }

  /**
   * @param function where the function begins
   * @param libraries in which it was found
   * @param reads what the probe looks at
   * @param avoided kinds of instructions that the probe is not to be placed at
   */
  public Placement place(
      CodeLocation function,
      TargetLibraries libraries,
      Placement.Reads reads,
      Set<InstructionKind> avoided) {
    return place(libraries.file(function), function.offset(), reads, costs.without(avoided));
  }

  /**
   * @param offset in the file, of the function's beginning
   */
  Placement place(ElfFile elf, long offset, Placement.Reads reads) {
    return place(elf, offset, reads, costs);
  }

  private Placement place(ElfFile elf, long offset, Placement.Reads reads, UprobeCosts costs) {
    if (costs.nanosAt(null) == null) {
      return Placement.atEntry(null, "what probes cost here could not be measured");
    }
    try {
      FunctionCode code = map(elf).function(elf, elf.codeAddress(offset));
      if (code == null) {
        return Placement.atEntry(null, "no symbol says where the function ends");
      }
      Placement atOnce = Placement.withoutDecoding(code, costs);
      if (atOnce != null) {
        return atOnce;
      }
      return Placement.decide(
          code, disassembler.disassemble(code.bytes(), code.entry()), costs, reads);
    } catch (IOException | MachineException e) {
      return Placement.atEntry(null, "it could not be decoded: " + e.getMessage());
    }
  }

  /** The map of the file that was asked for last stays; a changed file is another one. */
  private synchronized CodeMap map(ElfFile elf) throws IOException {
    FileStatus asked = elf.status();
    if (map == null || !asked.equals(file)) {
      map = new CodeMap(elf);
      file = asked;
    }
    return map;
  }
}
