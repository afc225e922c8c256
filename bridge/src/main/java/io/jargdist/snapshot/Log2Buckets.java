/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

/**
 * The slots of argdist's power-of-two histogram, with negative values in mirrored slots of their
 * own.
 *
 * <pre>
 * slot     values
 * 0        never used, as in bcc
 * 1        0 and 1
 * 2..64    2^(slot-1) .. 2^slot - 1
 * 65       -1
 * 66..127  -(2^(slot-64) - 1) .. -2^(slot-65)
 * 128      -2^63
 * </pre>
 *
 * The rows for values not below zero are those of bcc's {@code bpf_log2l} plus one, which {@code
 * print_log2_hist} shows; argdist drops negative values of type int or shows them as huge ones.
 */
public final class Log2Buckets {
  /** Number of slots. */
  public static final int SLOTS = 129;

  /** The slot before the first negative one. */
  public static final int LAST_POSITIVE = 64;

  private Log2Buckets() {}

  /**
   * @param signed whether {@code value} is signed; else it is taken as unsigned
   */
  public static int slotOf(long value, boolean signed) {
    if (signed && value < 0) {
      // -(2^63) has no positive counterpart; its magnitude, read as unsigned, is still right.
      return LAST_POSITIVE + 64 - Long.numberOfLeadingZeros(-value);
    }
    return Math.max(1, 64 - Long.numberOfLeadingZeros(value));
  }

  public static boolean isNegative(int slot) {
    return slot > LAST_POSITIVE;
  }

  /** Smallest value of the slot; to be read as unsigned in slot 64. */
  public static long low(int slot) {
    if (slot <= 1) {
      return 0;
    }
    if (slot == SLOTS - 1) {
      return Long.MIN_VALUE;
    }
    return isNegative(slot) ? -high(slot - LAST_POSITIVE) : 1L << (slot - 1);
  }

  /** Largest value of the slot; to be read as unsigned in slot 64. */
  public static long high(int slot) {
    if (isNegative(slot)) {
      return -(1L << (slot - LAST_POSITIVE - 1));
    }
    return slot == 64 ? -1 : (1L << slot) - 1;
  }
}
