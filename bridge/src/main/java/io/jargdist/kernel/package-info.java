/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Tables, programs and attachments, alive in the kernel, each AutoCloseable with one owner. */
@NullMarked
package io.jargdist.kernel;

import org.jspecify.annotations.NullMarked;
