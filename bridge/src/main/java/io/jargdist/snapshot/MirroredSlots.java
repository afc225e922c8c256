/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Locale;
import java.util.function.LongToIntFunction;

/**
 * Slots by the distance of a magnitude from zero, in Java and in C. Those of negative values are
 * the mirror image of those of positive ones.
 *
 * @param signed whether values are
 * @param zero the slot at distance 0; if values are not signed, it is the first one
 */
record MirroredSlots(boolean signed, int zero) {
  /**
   * @param distance of a magnitude
   */
  int slotOf(long value, LongToIntFunction distance) {
    boolean negative = signed && value < 0;
    // -(2^63) has no positive counterpart; its magnitude, read as unsigned, is still right.
    int slots = distance.applyAsInt(negative ? -value : value);
    return negative ? zero - slots : zero + slots;
  }

  /**
   * @param distance C statements that declare {@code distance} of {@code magnitude}
   */
  String function(String distance) {
    return signed
        ? String.format(
            Locale.ROOT,
            """
            static __always_inline u64 slot_of(s64 value) {
              u64 magnitude = value < 0 ? -(u64)value : value;
            %1$s  return value < 0 ? %2$d - distance : %2$d + distance;
            }
            """,
            distance,
            zero)
        : String.format(
            Locale.ROOT,
            """
            static __always_inline u64 slot_of(u64 magnitude) {
            %s  return distance;
            }
            """,
            distance);
  }
}
