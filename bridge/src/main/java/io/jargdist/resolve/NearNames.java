/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.specifier.Similar;
import java.util.ArrayList;
import java.util.List;

/** Looks for names near to one, among more than memory has room for. */
final class NearNames {
  private static final int SHOWN = 3;
  private static final int AT_ONCE = 1000;

  private final String name;
  private final List<String> candidates = new ArrayList<>();

  NearNames(String name) {
    this.name = name;
  }

  void add(String candidate) {
    candidates.add(candidate);
    if (candidates.size() >= AT_ONCE) {
      keepNearest();
    }
  }

  private void keepNearest() {
    List<String> nearest = Similar.nearest(name, candidates, SHOWN);
    candidates.clear();
    candidates.addAll(nearest);
  }

  /** Nearest first, three at the most. */
  List<String> nearest() {
    keepNearest();
    return List.copyOf(candidates);
  }
}
