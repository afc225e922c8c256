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
import io.jargdist.typing.CType;
import java.util.Locale;

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
      function(
          name,
          "void",
          COMM_SIZE,
          String.format(Locale.ROOT, "bpf_get_current_comm(text, %d);", COMM_SIZE),
          match);
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
            String.format(
                Locale.ROOT,
                "if (length %s %d) return 0;\n  if (%s(text, %d, (void *)address)) { *failed = 1; return 0; }",
                test,
                length,
                address.space().reader(),
                length);
        function(name, "u64 address, u64 length, u32 *failed", length + 1, copy, match);
      } else {
        call = name + "(" + address.c() + ", &failed)";
        String copy =
            String.format(
                Locale.ROOT,
                "if (%s_str(text, %d, (void *)address) < 0) { *failed = 1; return 0; }",
                address.space().reader(),
                length + 2);
        // One byte more than the literal and its NUL tells a longer text from an equal one.
        function(name, "u64 address, u32 *failed", length + 2, copy, match);
      }
    }
    return new Scalar(call, CType.S32, Space.NONE);
  }

  /**
   * The comparison is made of words, without a branch: one branch for each character would make the
   * verifier look at more states than it is willing to.
   */
  private void function(String name, String parameters, int size, String copy, StringMatch match) {
    int words = (size + Long.BYTES - 1) / Long.BYTES;
    stackBytes += words * Long.BYTES;
    int compared = match.text().length() + (match.exact() ? 1 : 0);
    StringBuilder differences = new StringBuilder();
    for (int word = 0; word * Long.BYTES < compared; word++) {
      long wanted = 0;
      long mask = 0;
      for (int i = 0; i < Long.BYTES && word * Long.BYTES + i < compared; i++) {
        int at = word * Long.BYTES + i;
        long character = at < match.text().length() ? match.text().charAt(at) : 0;
        wanted |= character << (8 * i);
        mask |= 0xffL << (8 * i);
      }
      differences.append(
          String.format(
              Locale.ROOT,
              "%s((text[%d] ^ 0x%xULL) & 0x%xULL)",
              word == 0 ? "" : " | ",
              word,
              wanted,
              mask));
    }
    functions.append(
        String.format(
            Locale.ROOT,
            """
        static __always_inline int %s(%s) {
          u64 text[%d] = {};
          %s
          return (%s) == 0;
        }

        """,
            name,
            parameters,
            words,
            copy,
            differences));
  }
}
