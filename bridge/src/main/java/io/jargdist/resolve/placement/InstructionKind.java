/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * x86-64 instructions that a kernel treats alike when they are probed: it emulates all of a kind,
 * or it single-steps all of them. Which ones it emulates depends on its version
 * (arch/x86/kernel/uprobes.c, {@code branch_setup_xol_ops} and {@code push_setup_xol_ops}; Linux
 * 6.18 has replaced probes on 5-byte nops by calls), so each kind has a sample that can be
 * measured.
 *
 * <p>A kind is told by an instruction's first bytes and its length, so that an instruction with a
 * prefix is not of the kind.
 */
public enum InstructionKind {
  /** push of one of the first eight registers. */
  PUSH("push", "55", "5d"),
  /** push of r8 to r15. */
  PUSH_EXTENDED("push", "4154", "415c"),
  NOP("nop", "90", ""),
  /** The options {@code -mnop-mcount} and {@code -fpatchable-function-entry} leave it. */
  NOP_5("nop", "0f1f440000", ""),
  /**
   * Kernels before the one that replaces it by a call (expected in 7.3) refuse to probe it, since
   * it begins with a prefix for a segment ({@code is_prefix_bad}).
   */
  NOP_10("nop", "662e0f1f840000000000", ""),
  JUMP_SHORT("jmp", "eb00", ""),
  JUMP_NEAR("jmp", "e900000000", ""),
  BRANCH_SHORT("conditional jump", "7400", ""),
  BRANCH_NEAR("conditional jump", "0f8400000000", ""),
  CALL("call", "e800000000", "58"),
  ENDBR("endbr64", "f30f1efa", ""),
  SUBTRACT_FROM_STACK("sub", "4883ec08", "4883c408"),
  MOVE("mov", "4889f8", "");

  private final String mnemonic;
  private final String sample;
  private final String undo;

  InstructionKind(String mnemonic, String sample, String undo) {
    this.mnemonic = mnemonic;
    this.sample = sample;
    this.undo = undo;
  }

  /** Returns the name for people. */
  public String mnemonic() {
    return mnemonic;
  }

  /** Returns the bytes of one instruction of this kind. */
  public byte[] sample() {
    return HexFormat.of().parseHex(sample);
  }

  /**
   * Returns what undoes the sample's effect on the stack, and may follow it at once. Branches go to
   * the instruction behind them.
   */
  public byte[] undo() {
    return HexFormat.of().parseHex(undo);
  }

  /**
   * @param instruction the bytes of one whole instruction
   * @return null if it is of no kind that we know
   */
  public static @Nullable InstructionKind of(byte[] instruction) {
    int length = instruction.length;
    int first = at(instruction, 0);
    int second = at(instruction, 1);
    if (length == 1 && first >= 0x50 && first <= 0x57) {
      return PUSH;
    } else if (length == 2 && first == 0x41 && second >= 0x50 && second <= 0x57) {
      return PUSH_EXTENDED;
    } else if (length == 2 && first >= 0x70 && first <= 0x7f) {
      return BRANCH_SHORT;
    } else if (length == 6 && first == 0x0f && second >= 0x80 && second <= 0x8f) {
      return BRANCH_NEAR;
    } else if (length == 2 && first == 0xeb) {
      return JUMP_SHORT;
    } else if (length == 5 && first == 0xe9) {
      return JUMP_NEAR;
    } else if (length == 5 && first == 0xe8) {
      return CALL;
    } else if (length == 4 && first == 0x48 && second == 0x83 && at(instruction, 2) == 0xec) {
      return SUBTRACT_FROM_STACK;
    } else if (length == 3 && first == 0x48 && second == 0x89 && at(instruction, 2) >= 0xc0) {
      return MOVE;
    }
    for (InstructionKind exact : List.of(NOP, NOP_5, NOP_10, ENDBR)) {
      if (HexFormat.of().formatHex(instruction).equals(exact.sample)) {
        return exact;
      }
    }
    return null;
  }

  /**
   * @param code that begins with a whole instruction
   * @return null if it begins with none of a kind that we know
   */
  public static @Nullable InstructionKind first(byte[] code) {
    for (int length = 1; length <= code.length; length++) {
      InstructionKind kind = of(Arrays.copyOf(code, length));
      if (kind != null) {
        return kind;
      }
    }
    return null;
  }

  private static int at(byte[] bytes, int index) {
    return index < bytes.length ? bytes[index] & 0xff : -1;
  }
}
