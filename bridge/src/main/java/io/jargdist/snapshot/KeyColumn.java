/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.regex.Pattern;

/**
 * A column of a frequency table's key.
 *
 * @param expression as the user wrote it; argdist's row text
 * @param text whether its values are text, not numbers
 */
public record KeyColumn(String expression, boolean text) {
  /** Any number of 64 bits, as Java and JSON write it. */
  private static final Pattern NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,19}");

  /** Returns whether it is a number of this column: what another process calls one need not be. */
  public boolean isNumber(String value) {
    return !text && NUMBER.matcher(value).matches();
  }
}
