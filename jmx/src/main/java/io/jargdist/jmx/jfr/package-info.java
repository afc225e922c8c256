/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The probes' numbers as events of Flight Recorder. Only {@link io.jargdist.jmx.jfr.ProbeEvents}
 * may be touched where the module jdk.jfr may be missing.
 */
@NullMarked
package io.jargdist.jmx.jfr;

import org.jspecify.annotations.NullMarked;
