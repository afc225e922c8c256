/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/**
 * What the stack of calls holds of a call's entry.
 *
 * @param place the {@linkplain TypedValue.Parameter#place place} of a parameter
 * @param file whether it is the file that the parameter meant, and not the parameter
 */
public record StoredAtEntry(int place, boolean file) {}
