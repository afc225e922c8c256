/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What the tests of whole processes share: JDKs, target JVMs, commands. */
@NullMarked
package io.jargdist.testing;

import org.jspecify.annotations.NullMarked;
