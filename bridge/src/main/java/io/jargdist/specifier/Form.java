/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/** What a specifier's values are collected into. */
public enum Form {
  /** A histogram of one value: {@code -H}. */
  HISTOGRAM,
  /** A count per distinct combination of values: {@code -C}. */
  FREQUENCY
}
