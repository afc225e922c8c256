/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Reads what depends on the machine (mappings, symbols, USDT notes, tracepoints, BTF) into plain
 * records.
 */
@NullMarked
package io.jargdist.resolve;

import org.jspecify.annotations.NullMarked;
