/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.snapshot.KeyColumn;
import org.jspecify.annotations.Nullable;

/**
 * A column in the bytes of a key.
 *
 * @param type null for text
 * @param offset in the key, in bytes
 * @param size in bytes
 * @param most at most how many bytes of a text are stored; a NUL may end it before. The byte behind
 *     them is not 0 if the text goes on. 0 for a number.
 */
public record KeyField(KeyColumn column, CType.@Nullable Int type, int offset, int size, int most) {
  /** The bytes behind a text: one more byte of it, which tells whether it goes on, and a NUL. */
  static final int TEXT_END = 2;
}
