/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

/**
 * A column of a frequency table's key.
 *
 * @param expression as the user wrote it; argdist's row text
 * @param text whether its values are text, not numbers
 */
public record KeyColumn(String expression, boolean text) {}
