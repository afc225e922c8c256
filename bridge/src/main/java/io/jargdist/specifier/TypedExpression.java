/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/**
 * A value that a specifier collects, with the type it is stored and shown as.
 *
 * @param text the expression as the user wrote it, trimmed: what argdist shows as its name
 */
public record TypedExpression(TypeName type, Expression expression, String text) {}
