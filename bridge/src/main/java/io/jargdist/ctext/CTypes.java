/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.typing.CType;
import io.jargdist.typing.Memory;

/** Types as the text names them, and what depends on a type or a memory in it. */
final class CTypes {
  private CTypes() {}

  /** The name under which the text declares values of a type: of an address, a number's. */
  static String name(CType type) {
    return type instanceof CType.Int integer ? integer.describe() : "u64";
  }

  /**
   * The low bits of a 64-bit value as a value of a type.
   *
   * @param c a C expression that binds tighter than any operator
   */
  static String narrow(CType type, String c) {
    // As bool, the bits of the register that do not belong to the value would count, too.
    return type instanceof CType.Int integer && integer.truth()
        ? "((bool)(u8)" + c + ")"
        : cast(type, c);
  }

  static String cast(CType type, String c) {
    return "((" + name(type) + ")" + c + ")";
  }

  /** The BPF helper that copies from a memory. */
  static String reader(Memory memory) {
    return switch (memory) {
      case USER -> "bpf_probe_read_user";
      case KERNEL -> "bpf_probe_read_kernel";
    };
  }
}
