/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** From a syntax tree to a typed one, with all that can be said against it. Pure, and without C. */
@NullMarked
package io.jargdist.typing;

import org.jspecify.annotations.NullMarked;
