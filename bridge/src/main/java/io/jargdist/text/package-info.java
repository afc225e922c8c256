/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** How text reaches people: what it may hold, and how it says what went wrong. JDK only. */
@NullMarked
package io.jargdist.text;

import org.jspecify.annotations.NullMarked;
