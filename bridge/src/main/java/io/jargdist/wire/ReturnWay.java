/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.util.Locale;

/** How the user wants returns of functions to be seen ({@code --returns}). */
public enum ReturnWay {
  /** By replaced return addresses, or by return instructions where the former could do harm. */
  AUTO,
  /** By return instructions. */
  SITES,
  /** By replaced return addresses. */
  TRAMPOLINE;

  /** Returns its word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param word one of {@link #word}
   */
  public static ReturnWay of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
