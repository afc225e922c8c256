/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The counts of probes: histograms, frequencies, percentiles, argdist's text form. Pure; the target
 * JVM loads it.
 */
@NullMarked
package io.jargdist.snapshot;

import org.jspecify.annotations.NullMarked;
