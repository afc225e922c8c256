/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What runs in the target JVM: entry points, options, and the life cycle of probes and bridge. JDK
 * classes only; nothing here may harm the application.
 */
@NullMarked
package io.jargdist.agent;

import org.jspecify.annotations.NullMarked;
