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
 * @param condition null if every event is seen; else those that do not meet it are not seen at all
 * @param pair how the event finds the first one of its pair; null if it is not one of a pair
 * @param filter null if every event counts
 * @param value what is added to the histogram or the sum; null for a frequency
 * @param key the columns of the key; empty without keys
 * @param entryValues what it needs of the entry, in the order in which the stack of calls holds it
 * @param usesLatency whether it needs the time of the entry, or of the pair's first event
 */
public record TypedProgram(
    @Nullable TypedValue condition,
    @Nullable PairEnd pair,
    @Nullable TypedValue filter,
    TypedColumn.@Nullable NumberColumn value,
    List<TypedColumn> key,
    List<StoredAtEntry> entryValues,
    boolean usesLatency) {
  public TypedProgram {
    key = List.copyOf(key);
    entryValues = List.copyOf(entryValues);
  }

  /** Returns whether the program needs what a program at the function's entry recorded. */
  public boolean needsEntry() {
    return pair == null && (usesLatency || !entryValues.isEmpty());
  }
}
