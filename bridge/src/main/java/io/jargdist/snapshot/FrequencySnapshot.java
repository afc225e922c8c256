/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.specifier.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A frequency table as it was at one moment.
 *
 * @param counts events per key; a key has one element per column. Numbers are decimal; text is a
 *     {@link KeyText}.
 */
public record FrequencySnapshot(Map<List<String>, Long> counts, Losses losses, Sampling sampling)
    implements Snapshot<FrequencySnapshot> {
  public static final FrequencySnapshot EMPTY =
      new FrequencySnapshot(Map.of(), Losses.NONE, Sampling.NONE);

  public FrequencySnapshot {
    counts = Map.copyOf(counts);
  }

  @Override
  public Form form() {
    return Form.FREQUENCY;
  }

  @Override
  public long count() {
    long total = 0;
    for (long count : counts.values()) {
      total += count;
    }
    return total;
  }

  /**
   * Returns the keys with the most events, the most frequent first. Keys of the same frequency come
   * in an order of their own, the same each time.
   *
   * @param limit how many at most
   */
  public List<Map.Entry<List<String>, Long>> mostFrequent(int limit) {
    List<Map.Entry<List<String>, Long>> entries = new ArrayList<>(counts.entrySet());
    entries.sort(FrequencySnapshot::compare);
    return entries.size() <= limit ? entries : entries.subList(0, limit);
  }

  private static int compare(
      Map.Entry<List<String>, Long> one, Map.Entry<List<String>, Long> other) {
    int order = Long.compare(other.getValue(), one.getValue());
    for (int i = 0; order == 0 && i < one.getKey().size(); i++) {
      String left = one.getKey().get(i);
      String right = other.getKey().get(i);
      // The shorter first: puts decimal numbers in order.
      order = Integer.compare(left.length(), right.length());
      order = order == 0 ? left.compareTo(right) : order;
    }
    return order;
  }

  @Override
  public FrequencySnapshot plus(FrequencySnapshot other) {
    if (counts.isEmpty()) {
      // Most probes have one life, and a table may be large.
      return new FrequencySnapshot(
          other.counts, losses.plus(other.losses), sampling.plus(other.sampling));
    }
    return combine(other, 1, losses.plus(other.losses), sampling.plus(other.sampling));
  }

  /**
   * Returns what happened since {@code earlier}, a snapshot of the same probe. Keys without events
   * are absent.
   */
  @Override
  public FrequencySnapshot minus(FrequencySnapshot earlier) {
    return combine(earlier, -1, losses.minus(earlier.losses), sampling.minus(earlier.sampling));
  }

  private FrequencySnapshot combine(
      FrequencySnapshot other, int sign, Losses combinedLosses, Sampling combinedSampling) {
    Map<List<String>, Long> result = new HashMap<>(counts);
    for (Map.Entry<List<String>, Long> entry : other.counts.entrySet()) {
      List<String> key = entry.getKey();
      long count = result.getOrDefault(key, 0L) + sign * entry.getValue();
      if (count == 0) {
        result.remove(key);
      } else {
        result.put(key, count);
      }
    }
    return new FrequencySnapshot(result, combinedLosses, combinedSampling);
  }
}
