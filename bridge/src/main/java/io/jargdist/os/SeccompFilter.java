/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.Architecture;
import io.jargdist.os.Layout.Field;
import java.util.ArrayList;
import java.util.List;

/**
 * A filter of the system calls that a process may still make (seccomp(2)). It is a list of rules,
 * of which the first that fits decides, and an answer for all other calls. It holds for all
 * threads, those of the JVM included, cannot be taken back, and sets no_new_privs on all of them.
 */
final class SeccompFilter {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  // Classic BPF, include/uapi/linux/bpf_common.h: BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_ALU|AND|K,
  // BPF_RET|K.
  private static final int LOAD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;

  private static final Layout CALL = new Layout("struct seccomp_data", "linux/seccomp.h", 64);
  private static final Field NUMBER = CALL.field("nr", 0, 4);
  private static final Field ARCHITECTURE = CALL.field("arch", 4, 4);
  private static final Field ARGUMENTS = CALL.field("args", 16, 48);

  private static final Layout INSTRUCTION = new Layout("struct sock_filter", "linux/filter.h", 8);
  private static final Field CODE = INSTRUCTION.field("code", 0, 2);
  private static final Field IF_TRUE = INSTRUCTION.field("jt", 2, 1);
  private static final Field IF_FALSE = INSTRUCTION.field("jf", 3, 1);
  private static final Field K = INSTRUCTION.field("k", 4, 4);

  private static final Layout PROGRAM = new Layout("struct sock_fprog", "linux/filter.h", 16);
  private static final Field LENGTH = PROGRAM.field("len", 0, 2);
  private static final Field INSTRUCTIONS = PROGRAM.field("filter", 8, 8);

  private static final int ALLOW = 0x7fff0000;
  private static final int REFUSE = 0x00050000;
  private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
  private static final int AUDIT_ARCH_AARCH64 = 0xc00000b7;

  private static final int SECCOMP_SET_MODE_FILTER = 1;
  private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;

  private record Instruction(int code, int ifTrue, int ifFalse, int k) {}

  private final List<Instruction> program = new ArrayList<>();
  private final int otherwise;

  private SeccompFilter(int otherwise) {
    this.otherwise = otherwise;
    int ours = Architecture.current().choose(AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64);
    add(LOAD, 0, 0, ARCHITECTURE.offset());
    add(JUMP_IF_EQUAL, 1, 0, ours);
    add(RETURN, 0, 0, REFUSE | EPERM);
    add(LOAD, 0, 0, NUMBER.offset());
  }

  /**
   * Refuses what is not named, with ENOSYS: so the C library takes an older call where a newer one
   * is not named, as on an older kernel.
   */
  static SeccompFilter refusingAllBut(SystemCall... allowed) {
    return new SeccompFilter(REFUSE | ENOSYS).answer(ALLOW, allowed);
  }

  /** Refuses what is named, with EPERM. */
  static SeccompFilter refusing(SystemCall... refused) {
    return new SeccompFilter(ALLOW).answer(REFUSE | EPERM, refused);
  }

  private SeccompFilter answer(int answer, SystemCall... calls) {
    for (SystemCall call : calls) {
      Integer number = call.number();
      if (number != null) {
        add(JUMP_IF_EQUAL, 0, 1, number);
        add(RETURN, 0, 0, answer);
      }
    }
    return this;
  }

  /**
   * Allows a call if the bits of {@code mask} in its argument (the lower half of it) are one of the
   * values, and refuses it otherwise with EPERM.
   */
  SeccompFilter allowIf(SystemCall call, int argument, int mask, int... values) {
    Integer number = call.number();
    if (number != null) {
      add(JUMP_IF_EQUAL, 0, 3 + 2 * values.length, number);
      add(LOAD, 0, 0, ARGUMENTS.offset() + Long.BYTES * argument);
      add(AND, 0, 0, mask);
      for (int value : values) {
        add(JUMP_IF_EQUAL, 0, 1, value);
        add(RETURN, 0, 0, ALLOW);
      }
      add(RETURN, 0, 0, REFUSE | EPERM);
    }
    return this;
  }

  /**
   * Installs the filter for all threads of this process.
   *
   * @throws KernelException if there is no seccomp here, or a thread has another filter already
   */
  void install() throws KernelException {
    add(RETURN, 0, 0, otherwise);
    Struct code = new Struct(INSTRUCTION, program.size());
    for (int i = 0; i < program.size(); i++) {
      Instruction instruction = program.get(i);
      code.set(i, CODE, instruction.code());
      code.set(i, IF_TRUE, instruction.ifTrue());
      code.set(i, IF_FALSE, instruction.ifFalse());
      code.set(i, K, instruction.k());
    }
    Struct filter = new Struct(PROGRAM);
    filter.set(LENGTH, program.size()).set(INSTRUCTIONS, code);
    Syscalls.noNewPrivileges();
    Syscalls.seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, filter);
  }

  private void add(int code, int ifTrue, int ifFalse, int k) {
    program.add(new Instruction(code, ifTrue, ifFalse, k));
  }
}
