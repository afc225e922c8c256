/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Expression.StringMatch;
import io.jargdist.specifier.SpecifierException;

/**
 * The functions of a C text that compare strings: one for each {@code STRCMP} and {@code STREQ}.
 * Only numbers of the literal reach the text.
 */
final class StringMatches {
  /** The kernel's TASK_COMM_LEN. */
  static final int COMM_SIZE = 16;

  private final ProbeValues values;
  private final String prefix;
  private final StringBuilder functions = new StringBuilder();
  private int count;
  private int stackBytes;

  /**
   * @param prefix begins the functions' names
   */
  StringMatches(ProbeValues values, String prefix) {
    this.values = values;
    this.prefix = prefix;
  }

  /** The C text of all functions so far. */
  String functions() {
    return functions.toString();
  }

  /** How much stack they take when they are inlined. */
  int stackBytes() {
    return stackBytes;
  }

  Scalar write(StringMatch match, ExpressionWriter writer) throws SpecifierException {
    String name = prefix + count++;
    String call;
    int length = match.text().length();
    if (match.pointer() instanceof Expression.Builtin builtin
        && builtin.value() == BuiltinValue.COMM) {
      if (length >= COMM_SIZE) {
        throw writer.error(
            match.span(), "a thread's name has at most " + (COMM_SIZE - 1) + " bytes", null);
      }
      call = name + "()";
      function(name, "void", COMM_SIZE, "bpf_get_current_comm(text, sizeof(text));", match);
    } else {
      Scalar address = writer.address(match.pointer());
      Operand known =
          match.pointer() instanceof Expression.UsdtArgument argument
              ? values.usdtStringLength(argument.number())
              : null;
      if (known != null) {
        Scalar knownLength = (Scalar) known;
        call = name + "(" + address.c() + ", " + knownLength.c() + ", &failed)";
        String test = match.exact() ? "!=" : "<";
        String copy =
            "if (length %s %d) return 0;\n  if (%s(text, %d, (void *)address)) { *failed = 1; return 0; }\n  text[%d] = 0;"
                .formatted(test, length, address.space().reader(), length, length);
        function(name, "u64 address, u64 length, u32 *failed", length + 1, copy, match);
      } else {
        call = name + "(" + address.c() + ", &failed)";
        String copy =
            "if (%s_str(text, sizeof(text), (void *)address) < 0) { *failed = 1; return 0; }"
                .formatted(address.space().reader());
        // One byte more than the literal and its NUL tells a longer text from an equal one.
        function(name, "u64 address, u32 *failed", length + 2, copy, match);
      }
    }
    return new Scalar(call, CType.S32, Space.NONE);
  }

  private void function(String name, String parameters, int size, String copy, StringMatch match) {
    stackBytes += (size + 7) & ~7;
    StringBuilder test = new StringBuilder();
    String text = match.text();
    for (int i = 0; i < text.length(); i++) {
      test.append(i == 0 ? "" : " && ").append("text[%d] == %d".formatted(i, (int) text.charAt(i)));
    }
    if (match.exact()) {
      test.append(" && text[%d] == 0".formatted(text.length()));
    }
    functions.append(
        """
        static __always_inline int %s(%s) {
          u8 text[%d];
          %s
          return %s;
        }

        """
            .formatted(name, parameters, size, copy, test));
  }
}
