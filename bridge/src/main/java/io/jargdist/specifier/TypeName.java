/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/**
 * A C type as written, normalised: qualifiers dropped, words in C's canonical order.
 *
 * @param base the type without its stars: {@code "int"}, {@code "unsigned long"}, {@code "size_t"},
 *     {@code "struct timespec"}, {@code "void"}
 * @param pointers how many stars
 * @param user whether {@code __user} was written
 */
public record TypeName(String base, int pointers, boolean user, Span span) {
  /** Returns whether values of this type are shown as text: one star on {@code char}. */
  public boolean isString() {
    return pointers == 1 && base.equals("char");
  }

  /** Returns the type in C's notation, without {@code __user}: {@code "char *"}, {@code "int"}. */
  public String text() {
    return pointers == 0 ? base : base + " " + "*".repeat(pointers);
  }
}
