/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Makes plans from specifiers and resolved facts. The package is pure: it asks neither the machine
 * nor the kernel.
 */
@NullMarked
package io.jargdist.codegen;

import org.jspecify.annotations.NullMarked;
