/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A frequency table as it was at one moment. Immutable.
 *
 * @param counts events per key; a key has one element per column. Numbers are decimal; text has one
 *     character (below U+0100) per byte, since what a probe reads need not be UTF-8.
 */
public record FrequencySnapshot(Map<List<String>, Long> counts, Losses losses) {
  public static final FrequencySnapshot EMPTY = new FrequencySnapshot(Map.of(), Losses.NONE);

  public FrequencySnapshot {
    counts = Map.copyOf(counts);
  }

  public long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  public FrequencySnapshot plus(FrequencySnapshot other) {
    Map<List<String>, Long> result = new HashMap<>(counts);
    other.counts.forEach((key, count) -> result.merge(key, count, Long::sum));
    return new FrequencySnapshot(result, losses.plus(other.losses));
  }

  /**
   * What happened since {@code earlier}, a snapshot of the same probe. Keys without events are
   * absent.
   */
  public FrequencySnapshot minus(FrequencySnapshot earlier) {
    Map<List<String>, Long> result = new HashMap<>();
    counts.forEach(
        (key, count) -> {
          long difference = count - earlier.counts.getOrDefault(key, 0L);
          if (difference != 0) {
            result.put(key, difference);
          }
        });
    return new FrequencySnapshot(result, losses.minus(earlier.losses));
  }
}
