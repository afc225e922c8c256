/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The work of a program for an event of the target.
 *
 * @param filter null if every event counts
 * @param histogram what is added to the histogram; null for a frequency
 * @param key the columns of a frequency's key; empty for a plain count
 * @param entryValues the {@linkplain TypedValue.Parameter#place places} of the parameters whose
 *     values at the entry it needs, in the order in which the stack of calls holds these
 * @param usesLatency whether it needs the time of the entry
 */
public record TypedProgram(
    @Nullable TypedValue filter,
    TypedColumn.@Nullable NumberColumn histogram,
    List<TypedColumn> key,
    List<Integer> entryValues,
    boolean usesLatency) {
  public TypedProgram {
    key = List.copyOf(key);
    entryValues = List.copyOf(entryValues);
  }

  /** Returns whether the program needs what a program at the function's entry recorded. */
  public boolean needsEntry() {
    return usesLatency || !entryValues.isEmpty();
  }
}
