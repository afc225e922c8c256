/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The libbcc binding. Only the compiler child loads it. */
@NullMarked
package io.jargdist.bcc;

import org.jspecify.annotations.NullMarked;
