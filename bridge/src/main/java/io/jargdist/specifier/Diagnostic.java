/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a specifier.
 *
 * @param field the part of the specifier it belongs to, in the user's words: {@code "function"},
 *     {@code "filter"}
 * @param span where in the text
 * @param reason what is wrong, a clause without a full stop
 * @param hint what to write instead
 */
public record Diagnostic(String field, Span span, String reason, @Nullable String hint) {}
