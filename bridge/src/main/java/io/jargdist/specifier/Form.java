/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/** The form into which a specifier's values are collected. */
public enum Form {
  /** A histogram of one value: {@code -H}. */
  HISTOGRAM,
  /** A count per distinct combination of values: {@code -C}. */
  FREQUENCY
}
