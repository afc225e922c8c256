/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Writes typed programs as C text. Every typed program can be written, since {@code typing} refuses
 * all others before.
 */
@NullMarked
package io.jargdist.ctext;

import org.jspecify.annotations.NullMarked;
