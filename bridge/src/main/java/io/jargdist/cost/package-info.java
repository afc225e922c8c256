/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What probes cost on this machine, and what they are costing now. */
@NullMarked
package io.jargdist.cost;

import org.jspecify.annotations.NullMarked;
