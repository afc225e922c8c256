/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.PidNumbers;
import io.jargdist.snapshot.BucketScheme;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a plan besides the specifier.
 *
 * @param stringSize bytes stored of each text ({@code -z}, argdist's default 80)
 * @param tableEntries how many distinct keys are counted
 * @param tableSlots how many pairs of a key and a bucket a histogram with keys counts
 * @param callEntries how many threads a return probe can follow, each up to four calls deep; every
 *     four deeper calls take another entry
 * @param buckets how a histogram divides its values; the plan decides whether they are signed
 * @param thread counts only this thread's events ({@code -t}); null for all
 * @param possibleCpus how many processors the kernel may ever bring up
 * @param systemWide whether the events of all processes count
 * @param numbers where the numbers of processes and threads are found
 * @param ownThreads whether events of jargdist's own threads in the target count, too
 */
public record PlanOptions(
    int stringSize,
    int tableEntries,
    int tableSlots,
    int callEntries,
    BucketScheme buckets,
    @Nullable Integer thread,
    boolean systemWide,
    int possibleCpus,
    PidNumbers numbers,
    boolean ownThreads) {}
