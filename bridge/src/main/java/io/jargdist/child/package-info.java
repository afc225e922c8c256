/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Child JVMs, the private folder they share, and the class path they run with. The target JVM loads
 * it: JDK classes only.
 */
@NullMarked
package io.jargdist.child;

import org.jspecify.annotations.NullMarked;
