/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import static io.jargdist.facts.AddressFamily.AF_INET;
import static io.jargdist.facts.AddressFamily.AF_INET6;

import io.jargdist.facts.OpenFileFields;
import io.jargdist.facts.TypeSource;
import io.jargdist.specifier.Expression.Explanation;
import io.jargdist.typing.ExplainedKey;
import io.jargdist.typing.StoredAtEntry;
import java.util.Locale;

/** Writes the C statements that fill a column with what is kept of a key that is explained. */
final class ExplainedKeyText implements ExplainedKey.Visitor<String> {
  private final String place;
  private final ValueText values;

  /**
   * @param place the column that is filled; all its bytes are 0
   */
  ExplainedKeyText(String place, ValueText values) {
    this.place = place;
    this.values = values;
  }

  /** Returns the C type of such a column. */
  static String type(Explanation explanation) {
    return switch (explanation) {
      case ADDRESS -> "struct address";
      case FILE -> "u64";
    };
  }

  /** Returns the declaration of an address. */
  static String address() {
    return """
    // Port and address are in the order of bytes that networks use.
    struct address { u16 family; u16 port; u32 words[4]; };

    """;
  }

  /** Returns what programs need besides that to fill such a column. */
  static String functions(Explanation explanation, TypeSource kernel) {
    return switch (explanation) {
      case ADDRESS -> "";
      case FILE -> OpenFileText.functions(OpenFileFields.of(kernel));
    };
  }

  /**
   * The family tells where the rest is: struct sockaddr_in and sockaddr_in6 of include/uapi/linux.
   * Of another family only that is known.
   */
  @Override
  public String socketAddress(ExplainedKey.SocketAddress address) {
    return String.format(
        Locale.ROOT,
        """
          {
            u64 from = CONTEXT(%2$s);
            %1$s.family = READ(u16, %3$s, from);
            if (%1$s.family == %4$d) {
              %1$s.port = READ(u16, %3$s, from + 2);
              %1$s.words[0] = READ(u32, %3$s, from + 4);
            } else if (%1$s.family == %5$d) {
              %1$s.port = READ(u16, %3$s, from + 2);
              if (%3$s(&%1$s.words, sizeof(%1$s.words), (void *)(from + 8))) failed = 1;
            }
          }
        """,
        place,
        values.write(address.pointer()),
        CTypes.reader(address.memory()),
        AF_INET,
        AF_INET6);
  }

  @Override
  public String addressBytes(ExplainedKey.AddressBytes address) {
    return String.format(
        Locale.ROOT,
        """
          %1$s.family = %2$d;
          if (%3$s(&%1$s.words, %4$d, (void *)%5$s)) failed = 1;
        """,
        place,
        address.version6() ? AF_INET6 : AF_INET,
        CTypes.reader(address.memory()),
        address.version6() ? 4 * Integer.BYTES : Integer.BYTES,
        values.write(address.pointer()));
  }

  @Override
  public String addressNumber(ExplainedKey.AddressNumber address) {
    return String.format(
        Locale.ROOT,
        "  %1$s.family = %2$d;\n  %1$s.words[0] = %3$s;\n",
        place,
        AF_INET,
        values.write(address.value()));
  }

  @Override
  public String openFile(ExplainedKey.OpenFile file) {
    return String.format(
        Locale.ROOT, "  %s = %s;\n", place, OpenFileText.call(values.write(file.descriptor())));
  }

  @Override
  public String fileAtEntry(ExplainedKey.FileAtEntry file) {
    return String.format(
        Locale.ROOT,
        "  %s = %s;\n",
        place,
        CallStackText.variable(new StoredAtEntry(file.place(), true)));
  }

  @Override
  public String kept(ExplainedKey.Kept key) {
    // It was copied when the pair was taken.
    return "";
  }
}
