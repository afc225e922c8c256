/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.util.ArrayList;
import java.util.List;
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
 * @param libraries that it is for
 */
public record ProbeHealth(
    double hitsPerSecond,
    double overheadPercent,
    @Nullable String paced,
    @Nullable Detached detached,
    @Nullable Long open,
    LibraryState libraries) {
  public static final ProbeHealth UNKNOWN =
      new ProbeHealth(Double.NaN, Double.NaN, null, null, null, LibraryState.MAPPED);

  /**
   * The reason why a probe was detached without a request. Its numbers stay.
   *
   * @param reason for people
   */
  public record Detached(String reason, Cause cause) {
    public static final Detached TIME_IS_OVER =
        new Detached("its time is over (--ttl)", Cause.TIME_IS_OVER);

    /** Why a probe is detached. */
    public enum Cause {
      /** It cost more than allowed. */
      TOO_EXPENSIVE,
      TIME_IS_OVER,
      /** What it waited for has come, and has nothing that could be probed. */
      FAILED
    }

    /** Returns whether the user expected something else. */
    public boolean isFailure() {
      return cause != Cause.TIME_IS_OVER;
    }
  }

  /** Returns the state of a detached probe, which costs nothing any more. */
  public static ProbeHealth of(Detached detached, @Nullable Long open, LibraryState libraries) {
    return new ProbeHealth(0, 0, null, detached, open, libraries);
  }

  /** Returns the same with another state of the libraries. */
  public ProbeHealth with(LibraryState now) {
    return new ProbeHealth(hitsPerSecond, overheadPercent, paced, detached, open, now);
  }

  /** Returns what the probe cannot see now, beside what was known when it was attached. */
  public List<String> warnings() {
    List<String> all = new ArrayList<>(libraries.late());
    if (paced != null) {
      all.add(paced);
    }
    return all;
  }
}
