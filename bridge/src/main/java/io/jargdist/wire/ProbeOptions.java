/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Log2Buckets;
import org.jspecify.annotations.Nullable;

/**
 * The options of a probe besides its specifier.
 *
 * @param stringSize bytes stored of each string ({@code -z})
 * @param tableEntries how many distinct keys are counted
 * @param tableSlots how many pairs of a key and a bucket a histogram with keys counts
 * @param callEntries how many threads a return probe can follow, each up to four calls deep; deeper
 *     calls take an entry for every four
 * @param buckets how a histogram divides its values; signed or not, as their type turns out to be
 * @param thread counts only this thread, by the number that the target sees; null for all ({@code
 *     -t})
 * @param systemWide whether other processes are counted, too
 * @param placement whether a probe may be placed behind a function's entry, where that costs less
 *     and sees the same; false for {@code --no-placement}
 * @param ownThreads whether events of jargdist's own threads in the target count, too ({@code
 *     --count-jargdist})
 * @param returns how returns of functions are seen ({@code --returns})
 * @param limits of its cost and its time
 */
public record ProbeOptions(
    int stringSize,
    int tableEntries,
    int tableSlots,
    int callEntries,
    BucketScheme buckets,
    @Nullable Integer thread,
    boolean systemWide,
    boolean placement,
    boolean ownThreads,
    ReturnWay returns,
    Limits limits) {
  /** The longest string in bytes. It is part of a key, which has a limit of its own. */
  private static final int MAX_STRING_SIZE = 4096;

  /** The most entries. The plan also limits the memory of such tables. */
  private static final int MAX_ENTRIES = 1_000_000;

  /**
   * @throws IllegalArgumentException if a size is out of its limits; the message says which are
   *     allowed
   */
  public ProbeOptions {
    check("--string-size (-z)", stringSize, MAX_STRING_SIZE);
    check("--table-entries", tableEntries, MAX_ENTRIES);
    check("--table-slots", tableSlots, MAX_ENTRIES);
    check("--call-entries", callEntries, MAX_ENTRIES);
  }

  private static void check(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(
          option + " takes a number from 1 to " + most + ", not " + value);
    }
  }

  /** argdist's defaults. */
  public static final ProbeOptions DEFAULT =
      new ProbeOptions(
          80,
          10240,
          81920,
          10240,
          Log2Buckets.DEFAULT,
          null,
          false,
          true,
          false,
          ReturnWay.AUTO,
          Limits.DEFAULT);

  /** The same for all options with which a specifier has the same C text. */
  public ProbeOptions ofText() {
    return new ProbeOptions(
        stringSize,
        DEFAULT.tableEntries,
        DEFAULT.tableSlots,
        DEFAULT.callEntries,
        buckets,
        thread == null ? null : 0,
        systemWide,
        placement,
        ownThreads,
        returns,
        Limits.DEFAULT);
  }

  /** The same with other buckets. */
  public ProbeOptions withBuckets(BucketScheme other) {
    return new ProbeOptions(
        stringSize,
        tableEntries,
        tableSlots,
        callEntries,
        other,
        thread,
        systemWide,
        placement,
        ownThreads,
        returns,
        limits);
  }

  /** The same with other limits. */
  public ProbeOptions withLimits(Limits other) {
    return new ProbeOptions(
        stringSize,
        tableEntries,
        tableSlots,
        callEntries,
        buckets,
        thread,
        systemWide,
        placement,
        ownThreads,
        returns,
        other);
  }
}
