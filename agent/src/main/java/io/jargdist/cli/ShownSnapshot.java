/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be shown of a probe.
 *
 * @param probe as it was attached
 * @param specifier as the operator wrote it
 * @param part what it counted in the last interval, or since the start
 * @param health its state besides its counts
 * @param openByKey how many pairs have begun and not ended, by key; empty if that is not known
 * @param state to be shown with it; null if only the numbers are to be shown
 */
record ShownSnapshot(
    Message.Attached probe,
    String specifier,
    Snapshot<?> part,
    ProbeHealth health,
    FrequencySnapshot openByKey,
    @Nullable String state) {
  /** Returns what the probe cannot see. */
  List<String> warnings() {
    return probe.warnings(health);
  }

  /** Returns a line that says which part of the events was seen; null if it was all of them. */
  @Nullable String seen() {
    if (part.sampling().isKnown()) {
      return part.sampling().isWhole() ? null : part.sampling().line();
    }
    return health.paced() == null ? null : "paced: no period has ended since the last rows";
  }

  /** Returns a line that says how many pairs have begun and not ended; null if there are none. */
  @Nullable String open() {
    Long open = health.open();
    return open == null || open == 0 ? null : "open " + open;
  }
}
