/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.os.FileStatus;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.FunctionCode;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.ReturnSearch;
import io.jargdist.resolve.placement.ReturnSites;
import io.jargdist.resolve.placement.ReturnSites.Reason;
import io.jargdist.resolve.placement.UprobeCosts;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cheapest place that sees the entry of a function, and the instructions by which it
 * returns. Thread-safe if its disassembler is.
 */
public final class ProbePlacer {
  private final Disassembler disassembler;
  private final UprobeCosts costs;
  private @Nullable FileStatus file;
  private @Nullable CodeMap map;
  private @Nullable FileStatus fileOfFunctions;
  private @Nullable FunctionMap functions;

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

  /**
   * Returns the instructions by which a function returns, as far as they are known.
   *
   * @param function where it begins
   * @param libraries in which it was found
   */
  public ReturnSites returns(CodeLocation function, TargetLibraries libraries) {
    ElfFile elf = libraries.file(function);
    try {
      return returns(elf, elf.codeAddress(function.offset()));
    } catch (IOException e) {
      return notDecoded(e);
    }
  }

  /**
   * Returns where a function's return instructions are in the file.
   *
   * @param remark for people, on each of them
   */
  public List<CodeLocation> locations(
      ReturnSites returns, CodeLocation function, TargetLibraries libraries, String remark)
      throws MachineException {
    ElfFile elf = libraries.file(function);
    List<CodeLocation> places = new ArrayList<>();
    try {
      for (ReturnSites.Site site : returns.sites()) {
        String display =
            libraries.mapped(function).path() + ":" + site.display() + " (" + remark + ")";
        places.add(elf.location(site.address(), display));
      }
    } catch (MalformedFileException e) {
      throw new MachineException(IoFailure.sentence(e), e);
    }
    return places;
  }

  /**
   * @param address in the image, of the function's beginning
   */
  ReturnSites returns(ElfFile elf, long address) {
    if (Architecture.current() != Architecture.X86_64) {
      return notDecoded("they are looked for on x86-64 only");
    }
    try {
      return ReturnSearch.of(address, functions(elf).source(elf), disassembler);
    } catch (IOException | MachineException e) {
      return notDecoded(e);
    }
  }

  private static ReturnSites notDecoded(Exception e) {
    return notDecoded(String.valueOf(e.getMessage()));
  }

  private static ReturnSites notDecoded(String why) {
    return new ReturnSites.Refused(Reason.NOT_DECODED, "it could not be decoded: " + why);
  }

  private synchronized FunctionMap functions(ElfFile elf) throws IOException {
    FileStatus asked = elf.status();
    if (functions == null || !asked.equals(fileOfFunctions)) {
      functions = new FunctionMap(elf);
      fileOfFunctions = asked;
    }
    return functions;
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
