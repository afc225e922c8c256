/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.BpfInstruction;
import io.jargdist.os.KernelException;
import java.nio.ByteBuffer;

/**
 * Puts exchanges into programs. BPF_CMPXCHG (Linux 5.12) compares a word of memory with r0,
 * replaces it if they are equal, and leaves in r0 what was there. Compilers of libbcc know neither
 * the instruction nor, since they compile for the machine's own processor first, the register. So a
 * text has these six instructions, the fourth of which no compiler makes:
 *
 * <pre>
 * saved = r0
 * r0 = expected
 * lock *(u64 *)(word + 0) += replacement
 * r0 = r0
 * found = r0
 * r0 = saved
 * </pre>
 *
 * The compiler chooses the registers, and does not know that r0 changes meanwhile. It may be one of
 * them, so their uses are mended here.
 */
final class ExchangeMark {
  private static final int BEFORE = 2;
  private static final int BEHIND = 3;
  private static final int R0 = 0;

  private ExchangeMark() {}

  /**
   * Makes exchanges of all additions that are marked so.
   *
   * @param code the instructions of a program
   * @return whether there are any
   */
  static boolean replaceAll(ByteBuffer code) {
    int size = BpfInstruction.SIZE;
    boolean found = false;
    for (int at = BEFORE * size; at + BEHIND * size < code.capacity(); at += size) {
      if (isMarked(code, at)) {
        replace(code, at);
        found = true;
      }
    }
    return found;
  }

  /** Asks the kernel whether it knows exchanges, with a program that has nothing else. */
  static boolean isKnown() {
    byte[] code =
        new BpfCode()
            .set(BpfCode.Register.R0, 0)
            .set(BpfCode.Register.R1, 0)
            .storeWord(BpfCode.Register.R10, -Long.BYTES, 0)
            .storeWord(BpfCode.Register.R10, -Integer.BYTES, 0)
            .exchange(BpfCode.Register.R10, -Long.BYTES, BpfCode.Register.R1)
            .exit(0);
    try {
      BpfProgram.load("ask", new BpfProgram.Purpose(BpfProgram.Type.PROBE), code).close();
      return true;
    } catch (KernelException e) {
      return false;
    }
  }

  private static boolean isMarked(ByteBuffer code, int at) {
    int mark = at + BpfInstruction.SIZE;
    return BpfInstruction.CODE.get(code, at) == BpfInstruction.ATOMIC_64
        && BpfInstruction.CODE.get(code, mark) == BpfInstruction.MOVE
        && BpfInstruction.REGISTERS.get(code, mark) == BpfInstruction.registers(R0, R0);
  }

  private static void replace(ByteBuffer code, int at) {
    int size = BpfInstruction.SIZE;
    int saved = BpfInstruction.destination(registers(code, at - 2 * size));
    int found = BpfInstruction.destination(registers(code, at + 2 * size));
    int word = BpfInstruction.destination(registers(code, at));
    int replacement = BpfInstruction.source(registers(code, at));
    BpfInstruction.IMMEDIATE.put(code, at, BpfInstruction.COMPARE_AND_EXCHANGE);
    BpfInstruction.REGISTERS.put(
        code,
        at,
        BpfInstruction.registers(
            word == R0 ? saved : word, replacement == R0 ? saved : replacement));
    if (found == R0) {
      BpfInstruction.REGISTERS.put(code, at + 3 * size, BpfInstruction.registers(R0, R0));
    }
  }

  private static int registers(ByteBuffer code, int at) {
    return (int) BpfInstruction.REGISTERS.get(code, at);
  }
}
