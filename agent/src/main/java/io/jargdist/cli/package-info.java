/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The command line: argdist's options and output, on a JVM that may not have the agent yet. */
@NullMarked
package io.jargdist.cli;

import org.jspecify.annotations.NullMarked;
