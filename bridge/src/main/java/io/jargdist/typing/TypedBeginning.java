/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The work of a program for the first event of a pair.
 *
 * @param condition null if every event begins a pair
 * @param entryValues see {@link TypedProgram}
 */
public record TypedBeginning(
    @Nullable TypedValue condition, PairEnd end, List<StoredAtEntry> entryValues) {
  public TypedBeginning {
    entryValues = List.copyOf(entryValues);
  }
}
