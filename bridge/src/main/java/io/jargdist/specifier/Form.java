/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.stream.Stream;

/** The form into which a specifier's values are collected. */
public enum Form {
  /** A histogram of the first value, for each combination of the others. */
  HISTOGRAM("-H", "a histogram", true),
  /** A count per distinct combination of values. */
  FREQUENCY("-C", "a frequency table", false),
  /** The sum of the first value, for each combination of the others. */
  SUM("-S", "a sum", true);

  private final String option;
  private final String description;
  private final boolean hasValue;

  Form(String option, String description, boolean hasValue) {
    this.option = option;
    this.description = description;
    this.hasValue = hasValue;
  }

  /**
   * @param option by which a user asks for the form
   * @throws IllegalArgumentException if there is none
   */
  public static Form of(String option) {
    return Stream.of(values())
        .filter(form -> form.option.equals(option))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no form has the option " + option));
  }

  /** Returns the option by which a user asks for it. */
  public String option() {
    return option;
  }

  /** Returns what it is, for people. */
  public String description() {
    return description;
  }

  /** Returns whether the first expression is a number of which it is made, and no key. */
  public boolean hasValue() {
    return hasValue;
  }
}
