/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.specifier.Form;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    return Rows.largest(counts, Comparator.naturalOrder(), limit);
  }

  @Override
  public Set<List<String>> keys() {
    return counts.keySet();
  }

  @Override
  public int elements(List<String> key) {
    return 1;
  }

  @Override
  public FrequencySnapshot rows(Collection<List<String>> keys) {
    return new FrequencySnapshot(Rows.some(counts, keys), Losses.NONE, Sampling.NONE);
  }

  @Override
  public FrequencySnapshot joined(List<FrequencySnapshot> parts) {
    return new FrequencySnapshot(
        Rows.joined(parts.stream().map(FrequencySnapshot::counts).toList(), Long::sum),
        losses,
        sampling);
  }

  @Override
  public FrequencySnapshot with(Losses losses, Sampling sampling) {
    return new FrequencySnapshot(counts, losses, sampling);
  }

  @Override
  public FrequencySnapshot plus(FrequencySnapshot other) {
    // Most probes have one life, and a table may be large.
    Map<List<String>, Long> sums =
        counts.isEmpty() ? other.counts : Rows.combined(counts, other.counts, Long::sum, 0L);
    return new FrequencySnapshot(sums, losses.plus(other.losses), sampling.plus(other.sampling));
  }

  /**
   * Returns what happened since {@code earlier}, a snapshot of the same probe. Keys without events
   * are absent.
   */
  @Override
  public FrequencySnapshot minus(FrequencySnapshot earlier) {
    return new FrequencySnapshot(
        Rows.combined(counts, earlier.counts, (now, before) -> now - before, 0L),
        losses.minus(earlier.losses),
        sampling.minus(earlier.sampling));
  }
}
