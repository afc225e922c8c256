/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.specifier.Form;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The counts of a probe at one moment. Immutable.
 *
 * <p>Counts only grow from one snapshot of a probe to the next, so an interval is the difference of
 * two.
 */
public sealed interface Snapshot<S extends Snapshot<S>>
    permits HistogramSnapshot, FrequencySnapshot, SumSnapshot {
  Form form();

  /** Number of events. */
  long count();

  /** Events that should have been counted and were not. */
  Losses losses();

  /** Which part of the time the counts are of, and how many events there were in all of it. */
  Sampling sampling();

  /** Returns its keys, in the same order each time; none if it has none. */
  Set<List<String>> keys();

  /** Returns how many numbers a row has. */
  int elements(List<String> key);

  /** Returns the rows that have these keys, without losses and sampling. */
  S rows(Collection<List<String>> keys);

  /**
   * Returns the rows of all parts, and what this one says of losses and sampling.
   *
   * @param parts several of them may have rows of one key, which add up
   */
  S joined(List<S> parts);

  /** Returns the same with other losses and another sampling. */
  S with(Losses losses, Sampling sampling);

  S plus(S other);

  /** Returns what happened since {@code earlier}, a snapshot of the same probe. */
  S minus(S earlier);

  /**
   * Returns what happened between two snapshots of one probe.
   *
   * @throws IllegalArgumentException if they are of different forms
   */
  static Snapshot<?> since(Snapshot<?> earlier, Snapshot<?> now) {
    if (earlier.form() != now.form()) {
      throw new IllegalArgumentException("snapshots of different forms");
    }
    return difference(now, earlier);
  }

  @SuppressWarnings("unchecked") // each form has one class
  private static <S extends Snapshot<S>> S difference(Snapshot<S> now, Snapshot<?> earlier) {
    return now.minus((S) earlier);
  }

  /**
   * Returns the rows of all parts, and what the last one says of losses and sampling.
   *
   * @param parts at least one; several of them may have rows of one key, which add up
   * @throws IllegalArgumentException if they are of different forms
   */
  static Snapshot<?> ofParts(List<? extends Snapshot<?>> parts) {
    Snapshot<?> last = parts.get(parts.size() - 1);
    if (parts.stream().anyMatch(part -> part.form() != last.form())) {
      throw new IllegalArgumentException("parts of different forms");
    }
    return joinedTo(last, parts);
  }

  @SuppressWarnings("unchecked") // each form has one class
  private static <S extends Snapshot<S>> S joinedTo(Snapshot<S> last, List<?> parts) {
    return last.joined((List<S>) parts);
  }
}
