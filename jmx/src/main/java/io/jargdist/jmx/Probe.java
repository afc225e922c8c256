/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.specifier.Form;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A probe as its MBean sees it. Any number of threads may call it at once; nothing but {@code
 * read()} waits for anything.
 */
public sealed interface Probe permits HistogramProbe, FrequencyProbe, SumProbe {
  /** Returns what its values are collected into. */
  Form form();

  /** Unique among the probes of this JVM; see {@link ProbeNames}. */
  String name();

  /** Returns the specifier as the user wrote it. */
  String specifier();

  /** Returns a text for people: {@code "running"}, or why it is not. */
  String state();

  /** Returns where the kernel runs its programs, and why there; empty if nowhere. */
  List<String> placement();

  /**
   * Returns what it cannot see, and what to do about it, in whole sentences; empty if nothing is
   * known.
   */
  List<String> warnings();

  /**
   * Returns how often the kernel ran it in the last second, as far as the last snapshot told; NaN
   * if that is not known.
   */
  double hitsPerSecond();

  /** Returns what that takes of one processor, in percent; NaN if that is not known. */
  double overheadPercent();

  /** Returns how many pairs have begun and not ended; null if it is not of pairs. */
  @Nullable Long open();

  /** Returns the time at which counting began. */
  @Nullable Instant started();

  /** Returns what last went wrong; null if nothing ever did. */
  @Nullable String lastError();
}
