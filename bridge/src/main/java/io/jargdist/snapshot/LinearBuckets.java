/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Locale;

/**
 * Buckets of the same width, one for what is below them, and one for what is above. The last bucket
 * before that is narrower where the step does not divide the range.
 *
 * @param min the smallest value of the first bucket; not negative for unsigned values
 * @param max the first value that is too large for a bucket; larger than {@code min}
 * @param step width of a bucket, positive
 */
public record LinearBuckets(long min, long max, long step, boolean signed) implements BucketScheme {
  public LinearBuckets {
    if (step < 1 || min >= max) {
      throw new IllegalArgumentException(
          text(min, max, step)
              + ": "
              + (step < 1 ? "STEP must be at least 1" : "MIN must be less than MAX")
              + ", for example linear(0,1000,50) for 0 to 49, 50 to 99 and so on up to 999");
    }
    if (!signed && min < 0) {
      throw new IllegalArgumentException(
          text(min, max, step)
              + " begins below 0, and the values are unsigned: use a signed type, or buckets such as "
              + text(0, max > 0 ? max : 1000, max > 0 ? step : 50));
    }
    // Unsigned, for max - min may be more than 2^63 - 1.
    if (Long.compareUnsigned(buckets(min, max, step), MAX_SLOTS - 2) > 0) {
      long fits = Long.divideUnsigned(max - 1 - min, MAX_SLOTS - 2) + 1;
      throw new IllegalArgumentException(
          text(min, max, step)
              + " has "
              + Long.toUnsignedString(buckets(min, max, step))
              + " buckets, and "
              + (MAX_SLOTS - 2)
              + " are allowed (each takes 8 bytes for each processor): use a larger STEP, for"
              + " example "
              + text(min, max, fits));
    }
  }

  private static long buckets(long min, long max, long step) {
    return Long.divideUnsigned(max - 1 - min, step) + 1;
  }

  private static String text(long min, long max, long step) {
    return "linear(" + min + "," + max + "," + step + ")";
  }

  @Override
  public Kind kind() {
    return Kind.LINEAR;
  }

  @Override
  public BucketScheme withSigned(boolean other) {
    return new LinearBuckets(min, max, step, other);
  }

  @Override
  public int slots() {
    return (int) buckets(min, max, step) + 2;
  }

  @Override
  public boolean isUsed(int slot) {
    return !isUnderflow(slot) || min != low(slot);
  }

  @Override
  public int slotOf(long value) {
    if (signed ? value < min : Long.compareUnsigned(value, min) < 0) {
      return 0;
    }
    if (signed ? value >= max : Long.compareUnsigned(value, max) >= 0) {
      return slots() - 1;
    }
    return 1 + (int) Long.divideUnsigned(value - min, step);
  }

  @Override
  public String slotFunction() {
    String type = signed ? "s64" : "u64";
    return String.format(
        Locale.ROOT,
        """
      static __always_inline u64 slot_of(%1$s value) {
        if (value < (%1$s)0x%2$xULL) return 0;
        if (value >= (%1$s)0x%3$xULL) return %4$d;
        return 1 + ((u64)value - 0x%2$xULL) / %5$dULL;
      }
      """,
        type,
        min,
        max,
        slots() - 1,
        step);
  }

  @Override
  public long low(int slot) {
    if (isUnderflow(slot)) {
      return signed ? Long.MIN_VALUE : 0;
    }
    return isOverflow(slot) ? max : min + (slot - 1) * step;
  }

  @Override
  public long high(int slot) {
    if (isOverflow(slot)) {
      return signed ? Long.MAX_VALUE : -1;
    }
    return isUnderflow(slot) || slot == slots() - 2 ? low(slot + 1) - 1 : low(slot) + step - 1;
  }

  @Override
  public boolean isUnderflow(int slot) {
    return slot == 0;
  }

  @Override
  public boolean isOverflow(int slot) {
    return slot == slots() - 1;
  }

  @Override
  public int firstRow() {
    return 0;
  }

  @Override
  public String errorBound() {
    return "at most "
        + (step - 1)
        + "; below "
        + min
        + " and from "
        + max
        + " on not known, shown as infinity";
  }

  @Override
  public String text() {
    return text(min, max, step);
  }
}
