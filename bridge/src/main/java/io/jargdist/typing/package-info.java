/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Makes typed programs from syntax trees, and finds all errors of type. The package is pure, and
 * writes no C.
 */
@NullMarked
package io.jargdist.typing;

import org.jspecify.annotations.NullMarked;
