/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.CType;
import io.jargdist.typing.KeyContent;
import io.jargdist.typing.Memory;

/** Writes types as C, and the parts of the text that depend on a type or a memory. */
final class CTypes {
  private CTypes() {}

  /** Returns the name of a type in the text. An address has the name of a number. */
  static String name(CType type) {
    return type instanceof CType.Int integer ? integer.describe() : "u64";
  }

  /** Returns the declaration of a member of a structure that holds a column. */
  static String member(KeyContent content, String name) {
    return content.accept(
        new KeyContent.Visitor<String, RuntimeException>() {
          @Override
          public String number(KeyContent.NumberContent number) {
            return name(number.type()) + " " + name + ";";
          }

          @Override
          public String text(KeyContent.TextContent text) {
            return "char " + name + "[" + text.size() + "];";
          }

          @Override
          public String explained(KeyContent.ExplainedContent explained) {
            return ExplainedKeyText.type(explained.explanation()) + " " + name + ";";
          }
        });
  }

  /**
   * Returns C that makes a value of a type from the low bits of a 64-bit value.
   *
   * @param c a C expression that binds tighter than any operator
   */
  static String narrow(CType type, String c) {
    // A plain cast to bool would also look at the bits of the register that are not the value's.
    return type instanceof CType.Int integer && integer.truth()
        ? "((bool)(u8)" + c + ")"
        : cast(type, c);
  }

  static String cast(CType type, String c) {
    return "((" + name(type) + ")" + c + ")";
  }

  /** Returns the BPF helper that copies from a memory. */
  static String reader(Memory memory) {
    return switch (memory) {
      case USER -> "bpf_probe_read_user";
      case KERNEL -> "bpf_probe_read_kernel";
    };
  }
}
