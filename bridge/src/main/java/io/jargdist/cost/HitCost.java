/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

/**
 * What a hit of a probe costs the thread that runs into it, in ns. On some kernels processors that
 * are hit at the same time wait for each other: before Linux 6.13 all uprobes of a machine share a
 * lock.
 *
 * @param alone while no other processor is being hit
 * @param together while all processors are, all the time
 * @param processors of the machine
 */
public record HitCost(double alone, double together, int processors) {
  /** The cost of what costs nothing. */
  public static final HitCost NOTHING = same(0);

  public HitCost {
    // Noise makes it lower; waiting does not.
    together = Math.max(alone, together);
  }

  /** Returns the cost of a hit that is the same whatever the other processors do. */
  public static HitCost same(double nanos) {
    return new HitCost(nanos, nanos, 1);
  }

  /**
   * @param measured on how many processors {@code together} was measured
   * @param processors of the machine
   */
  static HitCost extrapolated(double alone, double together, int measured, int processors) {
    if (measured <= 1) {
      return same(alone);
    }
    double each = Math.max(0, together - alone) / (measured - 1);
    return new HitCost(alone, alone + each * (processors - 1), processors);
  }

  /** Returns the cost of being hit by both. */
  HitCost plus(HitCost other) {
    return new HitCost(
        alone + other.alone, together + other.together, Math.max(processors, other.processors));
  }

  HitCost dearer(HitCost other) {
    return other.alone > alone ? other : this;
  }

  /**
   * Returns the cost at a rate. A hit waits for each other processor that is being hit at that
   * moment: {@code cost = alone + each * others}. On average so many others are, as the hits take
   * of the time of a processor, without those on the same one: {@code others = rate * cost *
   * spread}.
   *
   * @param hitsPerSecond on all processors
   * @param spread the chance that two hits are on different processors, from 0 to 1
   */
  public double at(double hitsPerSecond, double spread) {
    if (processors == 1) {
      return alone;
    }
    double each = (together - alone) / (processors - 1);
    double rest = 1 - each * hitsPerSecond / 1e9 * spread;
    return rest <= alone / together ? together : alone / rest;
  }
}
