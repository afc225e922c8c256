/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * From typed programs to C text. It can write all of them: what cannot be is refused before, by
 * {@code typing}.
 */
@NullMarked
package io.jargdist.ctext;

import org.jspecify.annotations.NullMarked;
