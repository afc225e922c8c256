/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place to which an instruction may lead besides the next one.
 *
 * @param indirect whether only the running program knows
 * @param target where in the code's bytes; meaningless if it is indirect
 */
record Branch(boolean indirect, int target) {
  private static final Pattern JUMPS = Pattern.compile("j[a-z]{1,4}q?|loop[a-z]*|xbegin");
  private static final Pattern CALLS = Pattern.compile("l?callq?");
  private static final Branch INDIRECT = new Branch(true, 0);

  /** Returns null for an instruction that does not jump or call. */
  static @Nullable Branch of(Instruction instruction, FunctionCode code) {
    return of(instruction, code.bytes(instruction));
  }

  /**
   * @param bytes of the instruction
   */
  static @Nullable Branch of(Instruction instruction, byte[] bytes) {
    String mnemonic = instruction.mnemonic();
    boolean call = CALLS.matcher(mnemonic).matches();
    if (!call && !JUMPS.matcher(mnemonic).matches()) {
      return null;
    }
    if (instruction.text().indexOf('*') >= 0) {
      // An indirect call leads to a function's entry, and comes back behind itself.
      return call ? null : INDIRECT;
    }
    // The distance is the instruction's last byte or its last four; operands of two bytes exist on
    // paper only, and an instruction that is not understood may lead
    // anywhere.
    int length = bytes.length;
    if (length == 2 || length == 3) {
      return new Branch(false, instruction.end() + bytes[length - 1]);
    } else if (length >= 5) {
      int distance = 0;
      for (int i = 1; i <= 4; i++) {
        distance = (distance << 8) | (bytes[length - i] & 0xff);
      }
      return new Branch(false, instruction.end() + distance);
    }
    return INDIRECT;
  }
}
