/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Finds the instruction of a function at which a probe costs least and sees the same. */
@NullMarked
package io.jargdist.resolve.placement;

import org.jspecify.annotations.NullMarked;
