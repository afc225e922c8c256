/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what the values of a program need: kept parameters, the latency, and space on the stack.
 */
final class Uses {
  private final Set<Integer> kept = new LinkedHashSet<>();
  private boolean latency;
  private int stack;

  /**
   * @param place see {@link TypedValue.EntryValue}
   */
  void kept(int place) {
    kept.add(place);
  }

  void latency() {
    latency = true;
  }

  void stack(int bytes) {
    stack += bytes;
  }

  /** Returns each place once, in the order of first use. */
  List<Integer> keptPlaces() {
    return List.copyOf(kept);
  }

  boolean usesLatency() {
    return latency;
  }

  int stackBytes() {
    return stack;
  }
}
