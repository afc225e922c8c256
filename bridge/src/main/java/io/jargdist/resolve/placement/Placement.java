/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The place in a function where its entry is best probed.
 *
 * <p>A kernel emulates some instructions that are probed and single-steps the others, at many times
 * the cost. So a probe is placed behind the entry, at the first instruction that is cheap to probe,
 * if all of this is certain:
 *
 * <ul>
 *   <li>Every call that enters by the entry runs it exactly once: what lies before it goes on to
 *       the next instruction in any case and cannot fault, no jump of the function leads to it or
 *       between the entry and it, and the function has no indirect jump.
 *   <li>No other code arrives there: no symbol lies there, no short jump of the surrounding code
 *       and no near jump or call of the whole file leads there. (By pointer, code can arrive at a
 *       function's entry only, or behind a call, which comes later.)
 *   <li>The arguments that the probe reads are still in their registers, and no memory is written
 *       before it, the return address included. If the probe has to find the return address or to
 *       know the stack pointer, that is not written either.
 *   <li>Nothing of use lies below the stack pointer. The 128 bytes there, the red zone (System V
 *       ABI for x86-64, 3.2.2), belong to the function, and Linux 6.18 replaces a probed 5-byte nop
 *       by a call, which writes there. At the entry they are empty, since the call that led there
 *       has written there itself. They stay empty, since no instruction before the place may write
 *       memory, and none may raise the stack pointer, above the return address for example.
 * </ul>
 *
 * Otherwise the probe is placed at the entry.
 *
 * <p>The kernel emulates a probed call by writing the return address itself, but not to the shadow
 * stack of a process that has one (CET), and the processor then ends the process at the return. In
 * such a process the caller of this class avoids calls.
 *
 * @param distance from the entry, in bytes
 * @param kind of the instruction there; null if it is of no known kind
 * @param reason for people: why here
 */
public record Placement(int distance, @Nullable InstructionKind kind, String reason) {
  /**
   * The state that a probe looks at.
   *
   * @param parameters how many parameters, the first ones of the function
   * @param stack whether the stack pointer, as a return probe does
   */
  public record Reads(int parameters, boolean stack) {}

  private static final int SHORT_JUMP = 128;

  /**
   * Returns the decision where no code has to be decoded for it.
   *
   * @return null if it depends on more than the first instruction, and more can be decoded
   */
  public static @Nullable Placement withoutDecoding(FunctionCode code, UprobeCosts costs) {
    InstructionKind first = InstructionKind.first(code.begin());
    if (costs.isCheap(first)) {
      return atEntry(first, "it begins with " + cheap(first, costs));
    }
    return code.size() > FunctionCode.LARGEST
        ? atEntry(first, "the function is too large to be looked through")
        : null;
  }

  /**
   * @param listing of the code, decoded at every offset before the entry
   * @param reads what the probe looks at
   */
  public static Placement decide(
      FunctionCode code, List<Instruction> listing, UprobeCosts costs, Reads reads) {
    List<Instruction> function = listing.stream().filter(i -> i.offset() >= code.entry()).toList();
    if (function.isEmpty() || function.get(0).length() == 0) {
      return atEntry(null, "its first bytes are no instruction");
    }
    InstructionKind first = kind(code, function.get(0));
    if (costs.nanos().isEmpty()) {
      return atEntry(first, "what probes cost here is not known");
    }
    Placement atOnce = withoutDecoding(code, costs);
    if (atOnce != null) {
      return atOnce;
    }
    Set<String> watched = Effects.registers(reads);
    for (Instruction instruction : function) {
      int distance = instruction.offset() - code.entry();
      InstructionKind kind = kind(code, instruction);
      if (distance > 0 && costs.isCheap(kind)) {
        String doubt = doubt(code, listing, distance);
        return doubt == null
            ? new Placement(distance, kind, cheap(kind, costs))
            : atEntry(
                first,
                cheap(kind, costs) + " at +" + distance + " is not sure to be the entry: " + doubt);
      }
      String harm =
          distance >= FunctionCode.REACH || instruction.end() >= code.end()
              ? "no cheap instruction follows"
              : Effects.harm(instruction, watched);
      if (harm != null) {
        String where = instruction.text() + (distance == 0 ? "" : " at +" + distance);
        return atEntry(first, harm.startsWith("no ") ? harm : where + " " + harm);
      }
    }
    return atEntry(first, "no cheap instruction follows");
  }

  /** Returns the placement of a function that was not looked into. */
  public static Placement atEntry(@Nullable InstructionKind kind, String reason) {
    return new Placement(0, kind, reason);
  }

  private static String cheap(@Nullable InstructionKind kind, UprobeCosts costs) {
    return "a " + (kind == null ? "?" : kind.mnemonic()) + ", " + costs.mannerAt(kind).clause();
  }

  private static @Nullable InstructionKind kind(FunctionCode code, Instruction instruction) {
    return InstructionKind.of(code.bytes(instruction));
  }

  /** Returns why code may arrive at the candidate, or between the entry and it, by another way. */
  private static @Nullable String doubt(
      FunctionCode code, List<Instruction> listing, int distance) {
    for (int entrance : code.entrances()) {
      if (entrance > 0 && entrance <= distance) {
        return "code of elsewhere leads to +" + entrance;
      }
    }
    int needed = Math.max(code.end(), code.entry() + distance + SHORT_JUMP);
    int reached = 0;
    for (Instruction instruction : withoutShadows(listing, code.entry())) {
      Branch branch = Branch.of(instruction, code);
      if (branch != null && branch.indirect()) {
        if (instruction.offset() >= code.entry() && instruction.offset() < code.end()) {
          return "the function has an indirect jump (" + instruction.text() + ")";
        }
      } else if (branch != null) {
        int target = branch.target() - code.entry();
        if (target > 0 && target <= distance) {
          return "a jump leads to +" + target;
        }
      }
      reached = instruction.end();
    }
    return reached < Math.min(needed, code.bytes().limit()) ? "not all of it can be decoded" : null;
  }

  /**
   * Leaves out what was decoded before the entry at offsets where no instruction begins. It is not
   * known where one begins, but in any {@link FunctionCode#LONGEST_INSTRUCTION} bytes an
   * instruction begins. So the instructions that follow one of these bytes directly or indirectly
   * include all real ones.
   */
  private static List<Instruction> withoutShadows(List<Instruction> listing, int entry) {
    BitSet beginnings = new BitSet(entry);
    beginnings.set(0, FunctionCode.LONGEST_INSTRUCTION);
    List<Instruction> real = new ArrayList<>();
    for (Instruction instruction : listing) {
      if (instruction.offset() >= entry) {
        real.add(instruction);
      } else if (beginnings.get(instruction.offset()) && instruction.length() > 0) {
        beginnings.set(instruction.end());
        real.add(instruction);
      }
    }
    return real;
  }
}
