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
 * position   slot     values
 *  1           1      0 and 1
 *  2..64       2..64  2^(slot-1) .. 2^slot - 1
 * -1          65      -1
 * -2..-63     66..127 -(2^(slot-64) - 1) .. -2^(slot-65)
 * -64         128     -2^63
 * </pre>
 *
 * Slot 0, position 0, is never used, as in bcc. The position orders the slots by value. For values
 * not below zero the slot is bcc's {@code bpf_log2l}, as {@code print_log2_hist} expects; argdist
 * drops negative values of type int and shows those of other types as huge ones.
 */
public final class Log2Buckets {
  /** Number of slots. */
  public static final int SLOTS = 129;

  /** The slot before the first negative one. */
  public static final int LAST_POSITIVE = 64;

  /** Position of the slot with the lowest values. */
  public static final int LOWEST = -64;

  /** Position of the slot with the highest values. */
  public static final int HIGHEST = 64;

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

  /** From {@link #LOWEST} to {@link #HIGHEST}; higher positions have higher values. */
  public static int slotAt(int position) {
    return position < 0 ? LAST_POSITIVE - position : position;
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

  /** {@link #low} as a number, of the right sign in every slot. */
  public static double lowValue(int slot) {
    return slot == 64 ? 0x1p63 : low(slot);
  }

  /** {@link #high} as a number, of the right sign in every slot. */
  public static double highValue(int slot) {
    return slot == 64 ? 0x1p64 : high(slot);
  }

  /** {@link #low} in decimal. */
  public static String lowText(int slot) {
    return isNegative(slot) ? Long.toString(low(slot)) : Long.toUnsignedString(low(slot));
  }

  /** {@link #high} in decimal. */
  public static String highText(int slot) {
    return isNegative(slot) ? Long.toString(high(slot)) : Long.toUnsignedString(high(slot));
  }
}
