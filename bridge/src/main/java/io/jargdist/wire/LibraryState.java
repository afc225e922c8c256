/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the libraries that a probe is for.
 *
 * @param awaited which library is not mapped, for people: {@code "libfoo.so is not mapped"}; null
 *     if nothing is waited for
 * @param placed whether the probe is attached for each of its events, if only to a file that nobody
 *     has mapped yet
 * @param late what was missed, or cannot be counted, in files that were mapped later: whole
 *     sentences for people
 */
public record LibraryState(@Nullable String awaited, boolean placed, List<String> late) {
  /** All that is needed is mapped, and was before the probe was attached. */
  public static final LibraryState MAPPED = new LibraryState(null, true, List.of());

  public LibraryState {
    late = List.copyOf(late);
  }
}
