/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The specifier language: text to syntax tree, diagnostics, and back. Pure: no machine, no kernel.
 */
@NullMarked
package io.jargdist.specifier;

import org.jspecify.annotations.NullMarked;
