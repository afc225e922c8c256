/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import org.jspecify.annotations.Nullable;

/**
 * When and how much to print.
 *
 * @param intervalSeconds at least 1
 * @param prints after how many prints to end
 * @param cumulative whether each print shows everything since the start
 * @param top rows of a frequency table at most; null for all
 */
record Display(int intervalSeconds, int prints, boolean cumulative, @Nullable Integer top) {}
