/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Measures what jargdist costs; {@code bin/bench} runs it. */
@NullMarked
package io.jargdist.samples.bench;

import org.jspecify.annotations.NullMarked;
