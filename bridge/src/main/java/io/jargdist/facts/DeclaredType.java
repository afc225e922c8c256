/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import org.jspecify.annotations.Nullable;

/** Parses types as the kernel declares them in the formats of its tracepoints. */
public final class DeclaredType {
  private DeclaredType() {}

  /**
   * @param text {@code "const char *"}, {@code "struct sk_buff *"}, {@code "umode_t"}
   * @return null if it is neither a known type nor a pointer
   */
  public static @Nullable CType parse(String text, TypeSource source) {
    int stars = (int) text.chars().filter(c -> c == '*').count();
    String base =
        text.replaceAll("\\b(const|volatile|__user|__rcu)\\b|\\*", " ")
            .replaceAll("\\s+", " ")
            .strip();
    CType type = BaseTypes.named(base);
    if (type == null) {
      type = source.named(base);
    }
    if (type == null && stars > 0) {
      type = new CType.Opaque(base);
    }
    for (int i = 1; type != null && i <= stars; i++) {
      type = new CType.Pointer(type, i == stars && text.contains("__user"));
    }
    return type;
  }
}
