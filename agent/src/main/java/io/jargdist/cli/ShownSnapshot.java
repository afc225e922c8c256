/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.Snapshot;
import io.jargdist.wire.Message;
import org.jspecify.annotations.Nullable;

/**
 * What is to be shown of a probe.
 *
 * @param probe as it was attached
 * @param specifier as the operator wrote it
 * @param part what it counted in the last interval, or since the start
 * @param state to be shown with it; null if only the numbers are to be shown
 */
record ShownSnapshot(
    Message.Attached probe, String specifier, Snapshot<?> part, @Nullable String state) {}
