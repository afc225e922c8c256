/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import io.jargdist.specifier.Form;

/**
 * The counts of a probe at one moment. Immutable.
 *
 * <p>Counts only grow from one snapshot of a probe to the next, so an interval is the difference of
 * two.
 */
public sealed interface Snapshot<S extends Snapshot<S>>
    permits HistogramSnapshot, FrequencySnapshot {
  Form form();

  /** Number of events. */
  long count();

  /** Events that should have been counted and were not. */
  Losses losses();

  /** Which part of the time the counts are of, and how many events there were in all of it. */
  Sampling sampling();

  S plus(S other);

  /** Returns what happened since {@code earlier}, a snapshot of the same probe. */
  S minus(S earlier);
}
