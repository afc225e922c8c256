/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How many events are missing, by reason. Immutable. Reasons without a loss are absent. */
public record Losses(Map<Loss, Long> counts) {
  public static final Losses NONE = new Losses(Map.of());

  public Losses {
    EnumMap<Loss, Long> copy = new EnumMap<>(Loss.class);
    counts.forEach(
        (loss, count) -> {
          if (count != 0) {
            copy.put(loss, count);
          }
        });
    counts = Collections.unmodifiableMap(copy);
  }

  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  public Losses plus(Losses other) {
    return combine(other, 1);
  }

  /** What was lost since {@code earlier}. */
  public Losses minus(Losses earlier) {
    return combine(earlier, -1);
  }

  /** {@code "table full: 12, memory not readable: 3"}; empty without losses. */
  public String detail() {
    return counts.entrySet().stream()
        .map(e -> e.getKey().text() + ": " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private Losses combine(Losses other, int sign) {
    EnumMap<Loss, Long> result = new EnumMap<>(Loss.class);
    result.putAll(counts);
    other.counts.forEach((loss, count) -> result.merge(loss, sign * count, Long::sum));
    return new Losses(result);
  }
}
