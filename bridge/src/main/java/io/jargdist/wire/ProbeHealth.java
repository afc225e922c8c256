/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import org.jspecify.annotations.Nullable;

/**
 * The state of a probe besides its counts.
 *
 * @param hitsPerSecond how often the kernel ran it, in the last second; NaN if that is not known
 * @param overheadPercent what that takes of one processor; NaN if that is not known
 * @param paced a warning, as a sentence, that it is attached at random moments only; null if it is
 *     attached all the time
 * @param detached null as long as it counts
 * @param open how many pairs have begun and not ended; null if it is not of pairs
 */
public record ProbeHealth(
    double hitsPerSecond,
    double overheadPercent,
    @Nullable String paced,
    @Nullable Detached detached,
    @Nullable Long open) {
  public static final ProbeHealth UNKNOWN =
      new ProbeHealth(Double.NaN, Double.NaN, null, null, null);

  /**
   * The reason why a probe was detached without a request. Its numbers stay.
   *
   * @param reason for people
   * @param tooExpensive whether it cost more than allowed; else its time was over
   */
  public record Detached(String reason, boolean tooExpensive) {
    public static final Detached TIME_IS_OVER = new Detached("its time is over (--ttl)", false);
  }

  /** Returns the state of a detached probe, which costs nothing any more. */
  public static ProbeHealth of(Detached detached, @Nullable Long open) {
    return new ProbeHealth(0, 0, null, detached, open);
  }
}
