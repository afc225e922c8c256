/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.Snapshot;
import io.jargdist.wire.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be shown of a probe.
 *
 * @param probe as it was attached
 * @param specifier as the operator wrote it
 * @param part what it counted in the last interval, or since the start
 * @param paced why it is attached at random moments only; null if it is attached all the time
 * @param state to be shown with it; null if only the numbers are to be shown
 */
record ShownSnapshot(
    Message.Attached probe,
    String specifier,
    Snapshot<?> part,
    @Nullable String paced,
    @Nullable String state) {
  /** Returns what the probe cannot see. */
  List<String> warnings() {
    return probe.warnings(paced);
  }

  /** Returns a line that says which part of the events was seen; null if it was all of them. */
  @Nullable String seen() {
    if (part.sampling().isKnown()) {
      return part.sampling().isWhole() ? null : part.sampling().line();
    }
    return paced == null ? null : "paced: no period has ended since the last rows";
  }
}
