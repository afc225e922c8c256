/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The common parts of the tests of whole processes: JDKs, target JVMs, commands. */
@NullMarked
package io.jargdist.testing;

import org.jspecify.annotations.NullMarked;
