/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import org.jspecify.annotations.Nullable;

/** The beginning of a specifier, which says what kind of event it means. */
public enum ProbeType {
  ENTRY('p', "library", "function"),
  RETURN('r', "library", "function"),
  TRACEPOINT('t', "category", "event"),
  USDT('u', "library", "probe");

  private final char letter;
  private final String placeField;
  private final String nameField;

  ProbeType(char letter, String placeField, String nameField) {
    this.letter = letter;
    this.placeField = placeField;
    this.nameField = nameField;
  }

  /**
   * @param text what stands before the first colon
   * @return null if it is no type
   */
  public static @Nullable ProbeType of(String text) {
    for (ProbeType type : values()) {
      if (text.equals(String.valueOf(type.letter))) {
        return type;
      }
    }
    return null;
  }

  public char letter() {
    return letter;
  }

  /** Returns what diagnostics call the part behind the letter. */
  String placeField() {
    return placeField;
  }

  /** Returns what diagnostics call the part before the parentheses. */
  String nameField() {
    return nameField;
  }

  /** Returns whether it is of a function, which has parameters. */
  public boolean isOfFunction() {
    return switch (this) {
      case ENTRY, RETURN -> true;
      case TRACEPOINT, USDT -> false;
    };
  }
}
