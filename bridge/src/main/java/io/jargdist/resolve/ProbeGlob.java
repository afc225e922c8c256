/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.specifier.ProbeType;
import org.jspecify.annotations.Nullable;

/**
 * Says which probes to list, in the form of a specifier's beginning: {@code c:rea*}, {@code
 * u:jvm:*}, {@code t:syscalls:*}, {@code p::vfs_*}. {@code *} stands for anything, {@code ?} for
 * one character. A single letter before the colon is a type if it is one, else a library: {@code
 * z:*}.
 *
 * @param type null for all but kernel functions
 * @param place a library, or the category of tracepoints; empty for the kernel, null for all
 * @param name of the function, probe or event
 */
public record ProbeGlob(@Nullable ProbeType type, @Nullable String place, String name) {
  /**
   * @throws IllegalArgumentException if it is none; the message says what one looks like
   */
  public static ProbeGlob parse(String text) {
    int first = text.indexOf(':');
    ProbeType type = first < 0 ? null : ProbeType.of(text.substring(0, first));
    String rest = type == null ? text : text.substring(first + 1);
    if (type == null && text.matches("[a-zA-Z]:[^:]*:(?!:).*")) {
      throw new IllegalArgumentException(
          "a probe is p, r, t or u, not "
              + text.charAt(0)
              + ": c:rea*, u:jvm:*, t:syscalls:*, p::vfs_*");
    }
    int colon = rest.indexOf(':');
    if (colon == 0 && type != null && !rest.startsWith("::")) {
      return new ProbeGlob(type, "", rest.substring(1));
    }
    boolean scope = colon >= 0 && rest.startsWith("::", colon);
    if (colon < 0 || scope) {
      return new ProbeGlob(type, null, rest);
    }
    return new ProbeGlob(type, rest.substring(0, colon), rest.substring(colon + 1));
  }

  boolean hasType(ProbeType wanted) {
    return type == null || type == wanted;
  }

  boolean hasFunctions() {
    return type == null || type.isOfFunction();
  }

  /** Returns the type that is listed for functions. */
  ProbeType functionType() {
    return hasType(ProbeType.ENTRY) ? ProbeType.ENTRY : ProbeType.RETURN;
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
