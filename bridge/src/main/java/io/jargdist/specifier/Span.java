/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/**
 * A half-open range of a specifier's text.
 *
 * @param start index of the first character, 0-based
 * @param end index after the last character; equal to {@code start} for a position between
 *     characters
 */
public record Span(int start, int end) {
  public Span {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("span " + start + ".." + end);
    }
  }
}
