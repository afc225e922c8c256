/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import org.jspecify.annotations.Nullable;

/**
 * Which probes to list, in the form of a specifier's beginning: {@code c:rea*}, {@code u:jvm:*},
 * {@code t:syscalls:*}, {@code p::vfs_*}. {@code *} stands for anything, {@code ?} for one
 * character. A single letter before the colon is a kind if it is one, else a library: {@code z:*}.
 *
 * @param kind {@code p}, {@code r}, {@code t} or {@code u}; null for all but kernel functions
 * @param place a library, or the category of tracepoints; empty for the kernel, null for all
 * @param name of the function, probe or event
 */
public record ProbeGlob(@Nullable Character kind, @Nullable String place, String name) {
  /**
   * @throws IllegalArgumentException if it is none; the message says what one looks like
   */
  public static ProbeGlob parse(String text) {
    Character kind = null;
    String rest = text;
    if (text.matches("[prtu]:.*")) {
      kind = text.charAt(0);
      rest = text.substring(2);
    } else if (text.matches("[a-zA-Z]:[^:]*:(?!:).*")) {
      throw new IllegalArgumentException(
          "a probe is p, r, t or u, not "
              + text.charAt(0)
              + ": c:rea*, u:jvm:*, t:syscalls:*, p::vfs_*");
    }
    int colon = rest.indexOf(':');
    if (colon == 0 && kind != null && !rest.startsWith("::")) {
      return new ProbeGlob(kind, "", rest.substring(1));
    }
    boolean scope = colon >= 0 && rest.startsWith("::", colon);
    if (colon < 0 || scope) {
      return new ProbeGlob(kind, null, rest);
    }
    return new ProbeGlob(kind, rest.substring(0, colon), rest.substring(colon + 1));
  }

  boolean hasKind(char wanted) {
    return kind == null || kind == wanted;
  }

  /** Functions have the kinds p and r. */
  boolean hasFunctions() {
    return kind == null || kind == 'p' || kind == 'r';
  }

  boolean hasKernelFunctions() {
    return hasFunctions() && "".equals(place);
  }

  Glob names() {
    return new Glob(name);
  }

  boolean placeMatches(String given) {
    return place == null || (!place.isEmpty() && new Glob(place).matches(given));
  }
}
