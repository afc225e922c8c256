/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The numbers of missing events, by reason. Immutable. Reasons without a loss are absent. */
public record Losses(Map<Loss, Long> counts) {
  public static final Losses NONE = new Losses(Map.of());

  public Losses {
    EnumMap<Loss, Long> copy = new EnumMap<>(Loss.class);
    for (Map.Entry<Loss, Long> entry : counts.entrySet()) {
      if (entry.getValue() != 0) {
        copy.put(entry.getKey(), entry.getValue());
      }
    }
    counts = Collections.unmodifiableMap(copy);
  }

  public long total() {
    long total = 0;
    for (long count : counts.values()) {
      total += count;
    }
    return total;
  }

  public Losses plus(Losses other) {
    return combine(other, 1);
  }

  /** Returns what was lost since {@code earlier}. */
  public Losses minus(Losses earlier) {
    return combine(earlier, -1);
  }

  /** {@code "table full: 12, memory not readable: 3"}; empty without losses. */
  public String detail() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Loss, Long> entry : counts.entrySet()) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(entry.getKey().text())
          .append(": ")
          .append(entry.getValue());
    }
    return text.toString();
  }

  /** Returns a line for people: {@code "lost 202 (memory not readable: 202)"}. */
  public String line() {
    return "lost " + total() + " (" + detail() + ")";
  }

  private Losses combine(Losses other, int sign) {
    return new Losses(
        Rows.combined(counts, other.counts, (count, more) -> count + sign * more, 0L));
  }
}
