/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Reads what a running HotSpot tells debuggers: the layout of its data, and its flags. */
@NullMarked
package io.jargdist.resolve.hotspot;

import org.jspecify.annotations.NullMarked;
