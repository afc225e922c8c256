/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/**
 * A parameter of a function signature. Arrays and function pointers have decayed to {@code void *}
 * or a pointer to their element.
 */
public record Parameter(TypeName type, String name, Span span) {}
