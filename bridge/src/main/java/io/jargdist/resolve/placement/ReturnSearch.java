/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.CodeSource.Part;
import io.jargdist.resolve.placement.ReturnSites.Reason;
import io.jargdist.resolve.placement.ReturnSites.Site;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds all instructions by which a function of x86-64 returns, by following its control flow.
 *
 * <p>A probe replaces an instruction's first byte, so each place must be one at which an
 * instruction begins for certain. The code is decoded from the function's entry on, and only
 * instructions count to which the flow leads from there: what is decoded at the place of a jump's
 * target is what the processor runs. A target between two instructions is refused.
 *
 * <p>The flow must be complete:
 *
 * <ul>
 *   <li>A jump to the function's piece ({@code .cold}) is followed.
 *   <li>A jump to the beginning of another function, at the end of this one, is followed in the
 *       same way. That one returns to this one's caller, with the same stack pointer.
 *   <li>An indirect jump must be that of a {@link SwitchTable}, and each of its cases is followed.
 *   <li>A call goes on behind itself. Where it does not come back, other code of the function
 *       follows, or its end.
 *   <li>Code that no way leads to, such as the handler of an exception, must have no return and no
 *       jump to elsewhere.
 * </ul>
 */
public final class ReturnSearch {
  private static final Pattern PREFIX = Pattern.compile("(?:rep(?:n?[ez])?|lock|notrack|bnd)\\s*");

  private static final Pattern PREFIXES =
      Pattern.compile("^(?:(?:rep(?:n?[ez])?|lock|notrack|bnd)\\s+)+");

  private static final int MOST_PARTS = 16;

  /** A hit is a trap, and each place takes a descriptor on kernels without links. */
  private static final int MOST_SITES = 64;

  private static final Set<String> STOPS = Set.of("ud2", "hlt", "int3", "ud1l", "ud1q", "ud1w");
  private static final Set<String> RETURNS = Set.of("retq", "ret");

  /** They leave the function in ways that are not followed. */
  private static final Set<String> OTHER_RETURNS =
      Set.of(
          "retw",
          "lretl",
          "lretq",
          "lretw",
          "iretl",
          "iretq",
          "iretw",
          "sysretl",
          "sysretq",
          "sysexitl",
          "sysexitq",
          "ljmpl",
          "ljmpq",
          "ljmpw",
          "xbegin");

  private final CodeSource source;
  private final Disassembler disassembler;
  private final Map<Long, Walked> parts = new HashMap<>();
  private final Deque<Place> open = new ArrayDeque<>();
  private final Map<Long, Site> sites = new LinkedHashMap<>();
  private final List<Bypass> tables = new ArrayList<>();
  private final Walked function;

  /** A place that the flow leads to. */
  private record Place(Walked part, int offset) {}

  /** The places of a part to which no jump may lead, since a table's size is not known to it. */
  private record Bypass(Walked part, int from, int to) {}

  /** A part whose flow is being followed. */
  private static final class Walked {
    final Part part;
    final List<Instruction> listing;

    /** Where in the listing the instruction of an offset is. */
    final Map<Integer, Integer> places = new HashMap<>();

    final BitSet reached = new BitSet();
    final BitSet targets = new BitSet();

    Walked(Part part, List<Instruction> listing) {
      this.part = part;
      this.listing = listing;
      for (int i = 0; i < listing.size(); i++) {
        places.put(listing.get(i).offset(), i);
      }
    }
  }

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    final Reason reason;

    Refusal(Reason reason, String because) {
      super(because, null, false, false);
      this.reason = reason;
    }
  }

  private ReturnSearch(Part function, CodeSource source, Disassembler disassembler)
      throws MachineException, Refusal {
    this.source = source;
    this.disassembler = disassembler;
    this.function = walked(function);
  }

  /**
   * @param entry the function's address
   * @throws MachineException if nothing can be decoded here
   */
  public static ReturnSites of(long entry, CodeSource source, Disassembler disassembler)
      throws IOException, MachineException {
    Part part = source.part(entry);
    if (part == null || part.begin() != entry) {
      return new ReturnSites.Refused(Reason.UNKNOWN_END, Reason.UNKNOWN_END.text());
    }
    try {
      return new ReturnSearch(part, source, disassembler).search();
    } catch (Refusal e) {
      return new ReturnSites.Refused(e.reason, String.valueOf(e.getMessage()));
    }
  }

  private ReturnSites search() throws IOException, MachineException, Refusal {
    open.add(new Place(function, 0));
    for (Place next = open.poll(); next != null; next = open.poll()) {
      follow(next.part(), next.offset());
    }
    for (Bypass table : tables) {
      int target = table.part().targets.nextSetBit(table.from() + 1);
      if (target >= 0 && target <= table.to()) {
        throw refusal(Reason.SWITCH, table.part(), table.to());
      }
    }
    for (Walked part : parts.values()) {
      checkRest(part);
    }
    if (sites.isEmpty()) {
      throw new Refusal(Reason.NEVER, Reason.NEVER.text());
    } else if (sites.size() > MOST_SITES) {
      throw new Refusal(
          Reason.TOO_MANY,
          String.format(
              Locale.ROOT,
              "it has %d return instructions, more than %d",
              sites.size(),
              MOST_SITES));
    } else if (sites.containsKey(function.part.begin())) {
      throw new Refusal(Reason.ENTRY_IS_RETURN, Reason.ENTRY_IS_RETURN.text());
    }
    return new ReturnSites.Found(List.copyOf(sites.values()));
  }

  /** Follows the flow from one place up to where it ends, or has been already. */
  private void follow(Walked walked, int offset) throws IOException, MachineException, Refusal {
    Part part = walked.part;
    for (int at = offset; !walked.reached.get(at); ) {
      Integer place = walked.places.get(at);
      if (place == null) {
        throw refusal(Reason.NOT_DECODED, walked, at);
      }
      walked.reached.set(at);
      Instruction instruction = walked.listing.get(place);
      String mnemonic = instruction.mnemonic();
      if (instruction.length() == 0) {
        throw refusal(Reason.NOT_DECODED, walked, at);
      } else if (RETURNS.contains(mnemonic)) {
        addSite(walked, instruction);
        return;
      } else if (OTHER_RETURNS.contains(mnemonic)) {
        throw refusal(Reason.OTHER_RETURN, walked, at);
      } else if (STOPS.contains(mnemonic)) {
        return;
      }
      Branch branch = Branch.of(instruction, part.bytes(instruction));
      boolean call = mnemonic.startsWith("call");
      if (branch != null && branch.indirect()) {
        followSwitch(walked, place);
        return;
      } else if (branch != null && !call) {
        lead(walked, instruction, part.begin() + branch.target());
        if (mnemonic.startsWith("jmp")) {
          return;
        }
      }
      at = instruction.end();
      if (at >= part.size()) {
        if (call) {
          return;
        }
        throw refusal(Reason.RUNS_ON, walked, instruction.offset());
      }
    }
  }

  private void addSite(Walked walked, Instruction instruction) throws Refusal {
    byte[] bytes = walked.part.bytes(instruction);
    if ((bytes[bytes.length - 1] & 0xff) != 0xc3) {
      throw refusal(Reason.OTHER_RETURN, walked, instruction.offset());
    }
    long address = walked.part.begin() + instruction.offset();
    sites.put(
        address,
        new Site(
            address,
            walked.part.at(instruction.offset()),
            walked != function && !walked.part.piece()));
  }

  private void followSwitch(Walked walked, int jump) throws IOException, MachineException, Refusal {
    Instruction instruction = walked.listing.get(jump);
    SwitchTable table = SwitchTable.before(walked.listing, jump, walked.part.begin());
    if (table == null) {
      boolean added = jump > 0 && walked.listing.get(jump - 1).mnemonic().startsWith("add");
      throw new Refusal(
          added ? Reason.SWITCH : Reason.INDIRECT_JUMP,
          String.format(
              Locale.ROOT,
              "%s: %s at %s",
              added ? Reason.SWITCH.text() : Reason.INDIRECT_JUMP.text(),
              instruction.text(),
              walked.part.at(instruction.offset())));
    }
    ByteBuffer distances = source.data(table.address(), table.cases() * Integer.BYTES);
    if (distances == null) {
      throw refusal(Reason.SWITCH, walked, instruction.offset());
    }
    tables.add(new Bypass(walked, table.from(), instruction.offset()));
    distances.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < table.cases(); i++) {
      lead(walked, instruction, table.address() + distances.getInt(i * Integer.BYTES));
    }
  }

  /** Notes that the flow leads to an address. */
  private void lead(Walked from, Instruction jump, long address)
      throws IOException, MachineException, Refusal {
    Walked target = from.part.contains(address) ? from : part(from, jump, address);
    int offset = Math.toIntExact(address - target.part.begin());
    if (address == function.part.begin()) {
      throw refusal(Reason.JUMP_TO_ENTRY, from, jump.offset());
    } else if (!target.places.containsKey(offset)) {
      throw refusal(Reason.NOT_DECODED, target, offset);
    }
    target.targets.set(offset);
    if (!target.reached.get(offset)) {
      open.add(new Place(target, offset));
    }
  }

  /** Returns another part of the function, or another function, at whose beginning it goes on. */
  private Walked part(Walked from, Instruction jump, long address)
      throws IOException, MachineException, Refusal {
    Part part = source.part(address);
    if (part == null) {
      throw refusal(Reason.JUMP_TO_UNKNOWN, from, jump.offset());
    }
    Walked known = parts.get(part.begin());
    boolean back = known != null && (known == function || from.part.piece());
    if (address != part.begin() && !part.piece() && !back) {
      throw new Refusal(
          Reason.JUMP_INTO_FUNCTION,
          String.format(
              Locale.ROOT,
              "it jumps into another function, to %s, at %s",
              part.at(Math.toIntExact(address - part.begin())),
              from.part.at(jump.offset())));
    }
    return known == null ? walked(part) : known;
  }

  private Walked walked(Part part) throws MachineException, Refusal {
    if (parts.size() >= MOST_PARTS) {
      throw new Refusal(Reason.TOO_MANY_PARTS, Reason.TOO_MANY_PARTS.text());
    }
    List<Instruction> listing = disassembler.disassemble(part.code(), 0);
    Walked walked = new Walked(part, withoutPrefixes(listing));
    parts.put(part.begin(), walked);
    return walked;
  }

  /**
   * Returns the listing without the prefixes of jumps, calls and returns, which change nothing
   * here. LLVM decodes some prefixes as instructions of their own.
   */
  private static List<Instruction> withoutPrefixes(List<Instruction> listing) {
    List<Instruction> whole = new ArrayList<>();
    Integer begin = null;
    for (Instruction instruction : listing) {
      int from = begin == null ? instruction.offset() : begin;
      if (PREFIX.matcher(instruction.text()).matches()) {
        begin = from;
        continue;
      }
      begin = null;
      String text = PREFIXES.matcher(instruction.text()).replaceFirst("");
      boolean leads = text.startsWith("j") || text.startsWith("call") || text.startsWith("ret");
      whole.add(
          new Instruction(
              from,
              instruction.length() == 0 ? 0 : instruction.end() - from,
              leads ? text : instruction.text()));
    }
    if (begin != null) {
      whole.add(new Instruction(begin, 0, ""));
    }
    return whole;
  }

  /** Checks that the code that was not reached has no end of the function. */
  private void checkRest(Walked walked) throws Refusal {
    for (Instruction instruction : walked.listing) {
      int at = instruction.offset();
      String mnemonic = instruction.mnemonic();
      Branch branch =
          walked.reached.get(at) || instruction.length() == 0
              ? null
              : Branch.of(instruction, walked.part.bytes(instruction));
      boolean leaves =
          branch != null
              && !mnemonic.startsWith("call")
              && (branch.indirect()
                  || !walked.part.contains(walked.part.begin() + branch.target()));
      boolean ends = leaves || RETURNS.contains(mnemonic) || OTHER_RETURNS.contains(mnemonic);
      if (!walked.reached.get(at) && (instruction.length() == 0 || ends)) {
        throw refusal(Reason.UNREACHED, walked, at);
      }
    }
  }

  private static Refusal refusal(Reason reason, Walked walked, int offset) {
    return new Refusal(reason, reason.text() + ", at " + walked.part.at(offset));
  }
}
