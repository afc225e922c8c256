/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;

/** An instruction of BPF (RFC 9669), and the codes that more than one class knows. */
public final class BpfInstruction {
  private static final Layout LAYOUT = new Layout("struct bpf_insn", "linux/bpf.h", 8);

  public static final int SIZE = LAYOUT.size();
  public static final Field CODE = LAYOUT.field("code", 0, 1);

  /** The destination is in the lower four bits, the source in the upper four. */
  public static final Field REGISTERS = LAYOUT.field("dst_reg:4, src_reg:4", 1, 1);

  public static final Field OFFSET = LAYOUT.field("off", 2, 2);
  public static final Field IMMEDIATE = LAYOUT.field("imm", 4, 4);

  /** Moves a register to another one. */
  public static final int MOVE = 0xbf;

  /** Loads a number of 64 bits. Its upper half is in the instruction that follows. */
  public static final int LOAD_64 = 0x18;

  /** The source of {@link #LOAD_64} for the address of a table, whose descriptor is the number. */
  public static final int TABLE = 1;

  /**
   * The source of {@link #LOAD_64} for a variable of the kernel, whose number in the kernel's BTF
   * is the number (BPF_PSEUDO_BTF_ID, Linux 5.10).
   */
  public static final int KERNEL_VARIABLE = 3;

  /** Changes a word of memory, as {@link #IMMEDIATE} says; 0 means adding. */
  public static final int ATOMIC_64 = 0xdb;

  /** BPF_CMPXCHG (Linux 5.12). */
  public static final int COMPARE_AND_EXCHANGE = 0xf1;

  private BpfInstruction() {}

  /** Returns {@link #REGISTERS}. */
  public static int registers(int destination, int source) {
    return source << 4 | destination;
  }

  /** Returns the source in {@link #REGISTERS}. */
  public static int source(int registers) {
    return registers >>> 4;
  }

  /** Returns the destination in {@link #REGISTERS}. */
  public static int destination(int registers) {
    return registers & 0xf;
  }
}
