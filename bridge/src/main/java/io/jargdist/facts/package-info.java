/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What is known of a machine and of the places to probe, as plain records: what a resolver finds,
 * and what a typer reads. The package is pure.
 */
@NullMarked
package io.jargdist.facts;

import org.jspecify.annotations.NullMarked;
