/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

/**
 * Values that were added up.
 *
 * @param events how many there were
 * @param sum of their values, modulo 2^64, as a signed number
 */
public record Sum(long events, long sum) {
  public static final Sum NOTHING = new Sum(0, 0);

  public Sum plus(Sum other) {
    return new Sum(events + other.events, sum + other.sum);
  }

  public Sum minus(Sum earlier) {
    return new Sum(events - earlier.events, sum - earlier.sum);
  }
}
