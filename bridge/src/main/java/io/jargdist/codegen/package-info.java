/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** From a syntax tree and resolved facts to a plan and its C text. Pure: no machine, no kernel. */
@NullMarked
package io.jargdist.codegen;

import org.jspecify.annotations.NullMarked;
