/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * How a target JVM and a bridge, and a command line and an agent, talk: messages, their bytes, and
 * both ends of a connection. The target JVM loads it: JDK classes only.
 */
@NullMarked
package io.jargdist.wire;

import org.jspecify.annotations.NullMarked;
