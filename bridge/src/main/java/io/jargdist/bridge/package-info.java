/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The privileged process between a target JVM and the kernel. */
@NullMarked
package io.jargdist.bridge;

import org.jspecify.annotations.NullMarked;
