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
 * Sums by key as they were at one moment. A sum that goes past 64 bits wraps around.
 *
 * @param sums by key, as {@link FrequencySnapshot} has keys
 */
public record SumSnapshot(Map<List<String>, Sum> sums, Losses losses, Sampling sampling)
    implements Snapshot<SumSnapshot> {
  public static final SumSnapshot EMPTY = new SumSnapshot(Map.of(), Losses.NONE, Sampling.NONE);

  private static final Comparator<Sum> BY_SUM =
      Comparator.comparingLong(Sum::sum).thenComparingLong(Sum::events);

  public SumSnapshot {
    sums = Map.copyOf(sums);
  }

  @Override
  public Form form() {
    return Form.SUM;
  }

  /** Returns events and sum of all keys together. */
  public Sum total() {
    Sum total = Sum.NOTHING;
    for (Sum sum : sums.values()) {
      total = total.plus(sum);
    }
    return total;
  }

  @Override
  public long count() {
    return total().events();
  }

  /**
   * Returns the rows with the largest sums, the largest first. Rows of the same sum come in an
   * order of their own, the same each time.
   *
   * @param limit how many at most
   */
  public List<Map.Entry<List<String>, Sum>> largest(int limit) {
    return Rows.largest(sums, BY_SUM, limit);
  }

  @Override
  public Set<List<String>> keys() {
    return sums.keySet();
  }

  @Override
  public int elements(List<String> key) {
    return 2;
  }

  @Override
  public SumSnapshot rows(Collection<List<String>> keys) {
    return new SumSnapshot(Rows.some(sums, keys), Losses.NONE, Sampling.NONE);
  }

  @Override
  public SumSnapshot joined(List<SumSnapshot> parts) {
    return new SumSnapshot(
        Rows.joined(parts.stream().map(SumSnapshot::sums).toList(), Sum::plus), losses, sampling);
  }

  @Override
  public SumSnapshot with(Losses losses, Sampling sampling) {
    return new SumSnapshot(sums, losses, sampling);
  }

  @Override
  public SumSnapshot plus(SumSnapshot other) {
    Map<List<String>, Sum> both =
        sums.isEmpty() ? other.sums : Rows.combined(sums, other.sums, Sum::plus, Sum.NOTHING);
    return new SumSnapshot(both, losses.plus(other.losses), sampling.plus(other.sampling));
  }

  /**
   * Returns what happened since {@code earlier}, a snapshot of the same probe. Keys without events
   * are absent.
   */
  @Override
  public SumSnapshot minus(SumSnapshot earlier) {
    return new SumSnapshot(
        Rows.combined(sums, earlier.sums, Sum::minus, Sum.NOTHING),
        losses.minus(earlier.losses),
        sampling.minus(earlier.sampling));
  }
}
