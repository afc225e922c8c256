/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** A small web shop with customers of its own: an application to look at with probes. */
@NullMarked
package io.jargdist.samples.shop;

import org.jspecify.annotations.NullMarked;
