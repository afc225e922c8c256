/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.CType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The numbers of a specifier, and its texts as numbers. The C text has placeholders for them, which
 * the loader replaces as it does those of {@link AttachmentConstant}. So specifiers that differ in
 * nothing else have the same C text, and a changed threshold needs no compiler.
 */
public final class FilledNumbers {
  /** No {@link AttachmentConstant} begins like this and ends in a small number. */
  private static final long FIRST_PLACEHOLDER = 0x6a61_7267_0000_0000L;

  private final List<Long> values = new ArrayList<>();

  /** Returns the placeholder of the number with an index. */
  public static long placeholder(int index) {
    return FIRST_PLACEHOLDER + index;
  }

  /** Returns a number as C, with its type. */
  String c(long value, CType.Int type) {
    return CTypes.cast(type, c(value));
  }

  /** Returns the bits of a number as C, as a u64. */
  String c(long value) {
    values.add(value);
    return read(values.size() - 1);
  }

  /** Returns C that reads the number with an index. */
  private static String read(int index) {
    return String.format(Locale.ROOT, "ATTACHED(0x%xULL)", placeholder(index));
  }

  /** Returns a C text for people, with the numbers in their places. */
  public static String filled(String text, List<Long> numbers) {
    String filled = text;
    for (int i = 0; i < numbers.size(); i++) {
      filled = filled.replace(read(i), numbers.get(i) + "LL");
    }
    return filled;
  }

  /** Returns all numbers; the index of each is that of its placeholder. */
  List<Long> all() {
    return List.copyOf(values);
  }
}
