/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import org.jspecify.annotations.Nullable;

/** Limits the length of a specifier's text, before it is parsed or sent. */
public final class SpecifierLength {
  /** The most characters, far more than a person writes. */
  public static final int MAX = 4096;

  private SpecifierLength() {}

  /**
   * @return what is wrong with the length of this text, and what to do; null if nothing is
   */
  public static @Nullable String refusal(String text) {
    return text.length() <= MAX
        ? null
        : "specifier: it has "
            + text.length()
            + " characters, and "
            + MAX
            + " are allowed: use several probes";
  }
}
