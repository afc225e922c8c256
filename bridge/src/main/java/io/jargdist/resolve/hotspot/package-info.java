/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What a running HotSpot tells of itself to debuggers: the layout of its data, and its flags. */
@NullMarked
package io.jargdist.resolve.hotspot;

import org.jspecify.annotations.NullMarked;
