/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.BpfInstruction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A BPF program that is written instruction by instruction (RFC 9669), as the few are that are not
 * compiled from C. Not thread-safe.
 */
public final class BpfCode {
  /** A register; {@code R10} is the end of the stack. */
  public enum Register {
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10
  }

  private static final int MOST_INSTRUCTIONS = 64;
  private static final int STORE_WORD = 0x62;
  private static final int STORE_REGISTER = 0x63;
  private static final int STORE_LONG = 0x7b;
  private static final int SET = 0xb7;
  private static final int ADD = 0x07;
  private static final int SHIFT_RIGHT = 0x77;
  private static final int TO_BIG_ENDIAN = 0xdc;
  private static final int ADD_ATOMICALLY = 0xdb;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int CALL = 0x85;
  private static final int MAP_LOOKUP_ELEM = 1;
  private static final int KTIME_GET_NS = 5;
  private static final int RINGBUF_OUTPUT = 130;
  private static final int GET_SMP_PROCESSOR_ID = 8;
  private static final int EXIT = 0x95;

  private final ByteBuffer code =
      ByteBuffer.allocate(MOST_INSTRUCTIONS * BpfInstruction.SIZE).order(ByteOrder.LITTLE_ENDIAN);

  private BpfCode add(int operation, Register to, int from, int offset, int value) {
    int at = code.position();
    BpfInstruction.CODE.put(code, at, operation);
    BpfInstruction.REGISTERS.put(code, at, to.ordinal() | from << 4);
    BpfInstruction.OFFSET.put(code, at, offset);
    BpfInstruction.IMMEDIATE.put(code, at, value);
    code.position(at + BpfInstruction.SIZE);
    return this;
  }

  /** {@code *(u32 *)(base + offset) = value}. */
  public BpfCode storeWord(Register base, int offset, int value) {
    return add(STORE_WORD, base, 0, offset, value);
  }

  /** {@code *(u32 *)(base + offset) = value}. */
  public BpfCode storeWord(Register base, int offset, Register value) {
    return add(STORE_REGISTER, base, value.ordinal(), offset, 0);
  }

  /** {@code *(u64 *)(base + offset) = value}. */
  public BpfCode storeLong(Register base, int offset, Register value) {
    return add(STORE_LONG, base, value.ordinal(), offset, 0);
  }

  /** {@code to = from}. */
  public BpfCode move(Register to, Register from) {
    return add(BpfInstruction.MOVE, to, from.ordinal(), 0, 0);
  }

  /** {@code to = value}. */
  public BpfCode set(Register to, int value) {
    return add(SET, to, 0, 0, value);
  }

  /** {@code to += value}. */
  public BpfCode add(Register to, int value) {
    return add(ADD, to, 0, 0, value);
  }

  /** {@code to >>= bits}, which the verifier allows for numbers only. */
  public BpfCode shiftRight(Register to, int bits) {
    return add(SHIFT_RIGHT, to, 0, 0, bits);
  }

  /** {@code to = htobe64(to)}. */
  public BpfCode toBigEndian(Register to) {
    return add(TO_BIG_ENDIAN, to, 0, 0, Long.SIZE);
  }

  /** {@code to = &table}. */
  public BpfCode address(Register to, BpfTable table) {
    return add(BpfInstruction.LOAD_64, to, BpfInstruction.TABLE, 0, table.fd())
        .add(0, Register.R0, 0, 0, 0);
  }

  /** {@code r0 = bpf_map_lookup_elem(r1, r2)}. */
  public BpfCode lookUp() {
    return add(CALL, Register.R0, 0, 0, MAP_LOOKUP_ELEM);
  }

  /** {@code r0 = bpf_get_smp_processor_id()}. */
  public BpfCode processor() {
    return add(CALL, Register.R0, 0, 0, GET_SMP_PROCESSOR_ID);
  }

  /** {@code r0 = bpf_ktime_get_ns()}. */
  public BpfCode time() {
    return add(CALL, Register.R0, 0, 0, KTIME_GET_NS);
  }

  /** {@code r0 = bpf_ringbuf_output(r1, r2, r3, r4)}. */
  public BpfCode ringOutput() {
    return add(CALL, Register.R0, 0, 0, RINGBUF_OUTPUT);
  }

  /** Leaves out the instructions that follow if a register is 0. */
  public BpfCode skipIfZero(Register register, int instructions) {
    return add(JUMP_IF_EQUAL, register, 0, instructions, 0);
  }

  /** {@code lock *(u64 *)address += value}. */
  public BpfCode addAtomically(Register address, Register value) {
    return add(ADD_ATOMICALLY, address, value.ordinal(), 0, 0);
  }

  /** Replaces {@code *(u64 *)(base + offset)} if it is as r0; r0 becomes what was there. */
  public BpfCode exchange(Register base, int offset, Register replacement) {
    return add(
        ADD_ATOMICALLY, base, replacement.ordinal(), offset, BpfInstruction.COMPARE_AND_EXCHANGE);
  }

  /** {@code return value}, with which the program ends. */
  public byte[] exit(int value) {
    set(Register.R0, value).add(EXIT, Register.R0, 0, 0, 0);
    return Arrays.copyOf(code.array(), code.position());
  }
}
