/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** C text to ProgramImage, through a throw-away child process and a cache on disk. */
@NullMarked
package io.jargdist.compile;

import org.jspecify.annotations.NullMarked;
