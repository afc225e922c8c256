/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * From a specifier and resolved facts to a plan: typed, written as C. Pure: no machine, no kernel.
 */
@NullMarked
package io.jargdist.codegen;

import org.jspecify.annotations.NullMarked;
