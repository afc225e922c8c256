/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What can be said of a probe besides its specifier.
 *
 * @param stringSize bytes kept of each string, its NUL included ({@code -z})
 * @param tableEntries how many distinct keys are counted
 * @param callEntries how many threads a return probe can follow, each up to four calls deep; deeper
 *     calls take an entry for every four
 * @param thread counts only this thread, by the number that the target sees; null for all ({@code
 *     -t})
 * @param systemWide whether other processes are counted, too
 */
public record ProbeOptions(
    int stringSize,
    int tableEntries,
    int callEntries,
    @Nullable Integer thread,
    boolean systemWide) {
  /** argdist's defaults. */
  public static final ProbeOptions DEFAULT = new ProbeOptions(80, 10240, 10240, null, false);
}
