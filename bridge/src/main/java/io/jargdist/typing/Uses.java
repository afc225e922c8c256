/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what the values of a program need: values at the entry, the latency, and space on the
 * stack.
 */
final class Uses {
  private final Set<StoredAtEntry> entryValues = new LinkedHashSet<>();
  private boolean latency;
  private int stack;

  /**
   * @param place see {@link TypedValue.EntryValue}
   */
  void entryValue(int place) {
    entryValues.add(new StoredAtEntry(place, false));
  }

  /**
   * @param place see {@link ExplainedKey.FileAtEntry}
   */
  void fileAtEntry(int place) {
    entryValues.add(new StoredAtEntry(place, true));
  }

  void latency() {
    latency = true;
  }

  void stack(int bytes) {
    stack += bytes;
  }

  /** Returns each value once, in the order of first use. */
  List<StoredAtEntry> entryValues() {
    return List.copyOf(entryValues);
  }

  boolean usesLatency() {
    return latency;
  }

  int stackBytes() {
    return stack;
  }
}
