/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The MBeans of probes and of the agent. The target JVM loads it: JDK classes only, also in what it
 * hands out and throws, for a client need not have ours.
 */
@NullMarked
package io.jargdist.jmx;

import org.jspecify.annotations.NullMarked;
