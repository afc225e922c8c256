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
public sealed interface Probe permits HistogramProbe, FrequencyProbe {
  /** What its values are collected into. */
  Form form();

  /** Unique among the probes of this JVM; see {@link ProbeNames}. */
  String name();

  /** As it was asked for. */
  String specifier();

  /** For people, such as {@code "running"}, or why it is not. */
  String state();

  /** Where the kernel runs its programs, and why there; empty if nowhere. */
  List<String> placement();

  /** What it cannot see, and what to do about it, in whole sentences; empty if nothing is known. */
  List<String> warnings();

  /**
   * How often the kernel ran it in the last second, as far as the last reading told; NaN if that is
   * not known.
   */
  double hitsPerSecond();

  /** What that takes of one processor, in percent; NaN if that is not known. */
  double overheadPercent();

  /** When counting began. */
  @Nullable Instant started();

  /** What last went wrong; null if nothing ever did. */
  @Nullable String lastError();
}
