/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** A long run in which everything comes and goes, and nothing may be lost or left. */
@NullMarked
package io.jargdist.samples.soak;

import org.jspecify.annotations.NullMarked;
