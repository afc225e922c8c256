/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** A workload that makes an exactly known number of calls, for tests and for trying out probes. */
@NullMarked
package io.jargdist.samples.calls;

import org.jspecify.annotations.NullMarked;
