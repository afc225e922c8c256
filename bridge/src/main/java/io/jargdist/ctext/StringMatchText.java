/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.typing.TypedText;
import io.jargdist.typing.TypedValue.StringMatch;
import java.util.Locale;

/**
 * Writes the C functions that compare strings, one for each {@code STRCMP} and {@code STREQ}. The
 * characters of a literal are {@link FilledNumbers}.
 */
final class StringMatchText {
  private final String prefix;
  private final ValueText values;
  private final FilledNumbers numbers;
  private final StringBuilder functions = new StringBuilder();
  private int count;

  /**
   * @param prefix begins the functions' names
   * @param values writes the functions' arguments
   * @param numbers collects the characters
   */
  StringMatchText(String prefix, ValueText values, FilledNumbers numbers) {
    this.numbers = numbers;
    this.prefix = prefix;
    this.values = values;
  }

  /** Returns the C text of all functions so far. */
  String functions() {
    return functions.toString();
  }

  /**
   * @param parameters as C
   * @param arguments as C
   * @param copy C statements that copy the text to where it is compared
   */
  private record Copy(String parameters, String arguments, String copy) {}

  String call(StringMatch match) {
    String name = prefix + count++;
    Copy copy = match.text().accept(new Copies(match));
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
            copy.parameters(),
            match.words(),
            copy.copy(),
            differences(match)));
    return name + "(" + copy.arguments() + ")";
  }

  private final class Copies implements TypedText.Visitor<Copy> {
    private final StringMatch match;
    private final int length;
    private final int size;

    Copies(StringMatch match) {
      this.match = match;
      this.length = match.literal().length();
      this.size = match.text().bytesToCompare(length);
    }

    @Override
    public Copy threadName(TypedText.ThreadName name) {
      return new Copy(
          "void", "", String.format(Locale.ROOT, "bpf_get_current_comm(text, %d);", size));
    }

    @Override
    public Copy terminated(TypedText.Terminated text) {
      return new Copy(
          "u64 address, u32 *failed",
          values.write(text.address()) + ", &failed",
          String.format(
              Locale.ROOT,
              "if (%s_str(text, %d, (void *)address) < 0) { *failed = 1; return 0; }",
              CTypes.reader(text.memory()),
              size));
    }

    @Override
    public Copy counted(TypedText.Counted text) {
      return new Copy(
          "u64 address, u64 length, u32 *failed",
          values.write(text.address()) + ", " + values.write(text.length()) + ", &failed",
          String.format(
              Locale.ROOT,
              "if (length %s %d) return 0;\n  if (%s(text, %d, (void *)address)) { *failed = 1; return 0; }",
              match.exact() ? "!=" : "<",
              length,
              CTypes.reader(text.memory()),
              length));
    }

    @Override
    public Copy kept(TypedText.Kept text) {
      throw new IllegalStateException("what is compared is kept as a number");
    }
  }

  /**
   * Returns C that compares words without a branch. With one branch for each character, the
   * verifier would have to look at more states than it allows.
   */
  private String differences(StringMatch match) {
    String literal = match.literal();
    int compared = literal.length() + (match.exact() ? 1 : 0);
    StringBuilder differences = new StringBuilder();
    for (int word = 0; word * Long.BYTES < compared; word++) {
      long wanted = 0;
      long mask = 0;
      for (int i = 0; i < Long.BYTES && word * Long.BYTES + i < compared; i++) {
        int at = word * Long.BYTES + i;
        long character = at < literal.length() ? literal.charAt(at) : 0;
        wanted |= character << (8 * i);
        mask |= 0xffL << (8 * i);
      }
      differences.append(
          String.format(
              Locale.ROOT,
              "%s((text[%d] ^ %s) & 0x%xULL)",
              word == 0 ? "" : " | ",
              word,
              numbers.c(wanted),
              mask));
    }
    return differences.toString();
  }
}
