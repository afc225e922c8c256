/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Prepares text for people: all of its characters are visible, and it says what went wrong. JDK
 * only.
 */
@NullMarked
package io.jargdist.text;

import org.jspecify.annotations.NullMarked;
