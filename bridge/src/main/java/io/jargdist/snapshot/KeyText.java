/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

/**
 * A text in a key of a frequency table.
 *
 * @param bytes what is stored of it: one character (below U+0100) per byte, since what a probe
 *     reads need not be UTF-8
 * @param cut whether the text goes on, and the rest was not stored
 */
public record KeyText(String bytes, boolean cut) {
  /** No byte is this character, so it tells a text that goes on from any that does not. */
  private static final String GOES_ON = "\u2026";

  /** Reads the element of a key. */
  public static KeyText of(String element) {
    return element.endsWith(GOES_ON)
        ? new KeyText(element.substring(0, element.length() - GOES_ON.length()), true)
        : new KeyText(element, false);
  }

  /** Returns the element of a key. */
  public String element() {
    return cut ? bytes + GOES_ON : bytes;
  }
}
