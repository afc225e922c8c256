/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The protocol between a target JVM and a bridge, and between a command line and an agent:
 * messages, their bytes, and both ends of a connection. The target JVM loads it: JDK classes only.
 */
@NullMarked
package io.jargdist.wire;

import org.jspecify.annotations.NullMarked;
