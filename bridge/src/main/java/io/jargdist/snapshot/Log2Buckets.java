/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.Locale;

/**
 * Powers of two, each divided into 2^precision buckets of the same width; negative values have
 * mirrored ones.
 *
 * <p>A value of magnitude M is {@code (S << precision) + (M >> S)} slots from the slot of zero,
 * where S is the larger of 0 and {@code floor(log2(M)) - precision}. So with precision 3 each of
 * 0..15 has a slot of its own, then come 16-17, 18-19, .. 30-31, 32-35, 36-39 and so on. With
 * precision 0 that distance is bcc's {@code bpf_log2l}, which {@code print_log2_hist} expects: 0
 * shares the slot of 1, and the slot of zero is never used.
 *
 * <pre>
 * unsigned  signed    values with precision 0
 *  0         64       none
 *  1         65       0 and 1
 *  2..63     66..127  2^(n-1) .. 2^n - 1, where n is the distance
 *  64        none     from 2^63 on
 *            63       -1
 *            62..1    -(2^n - 1) .. -2^(n-1)
 *            0        -2^63
 * </pre>
 *
 * argdist drops negative values of type int and shows those of other types as huge ones.
 *
 * @param precision from 0 to 5
 * @param signed whether values can be negative; only then there are slots for them
 */
public record Log2Buckets(int precision, boolean signed) implements BucketScheme {
  /** argdist's, for signed values. */
  public static final BucketScheme DEFAULT = new Log2Buckets(0, true);

  private static final int MAX_PRECISION = 5;

  public Log2Buckets {
    if (precision < 0 || precision > MAX_PRECISION) {
      throw new IllegalArgumentException(
          "there is no log2/"
              + precision
              + ": use log2, or log2/1 to log2/"
              + MAX_PRECISION
              + ", for example log2/3 for buckets that are an eighth of their values wide");
    }
  }

  @Override
  public Kind kind() {
    return Kind.LOG2;
  }

  @Override
  public BucketScheme withSigned(boolean other) {
    return new Log2Buckets(precision, other);
  }

  private int zero() {
    return signed ? (64 - precision) << precision : 0;
  }

  @Override
  public int slots() {
    return signed ? 2 * zero() : (65 - precision) << precision;
  }

  @Override
  public boolean isUsed(int slot) {
    return precision > 0 || slot != zero();
  }

  @Override
  public int slotOf(long value) {
    return mirrored().slotOf(value, this::distance);
  }

  private MirroredSlots mirrored() {
    return new MirroredSlots(signed, zero());
  }

  private int distance(long magnitude) {
    int log2 = 63 - Long.numberOfLeadingZeros(magnitude | 1);
    if (precision == 0) {
      return log2 + 1;
    }
    int shift = Math.max(0, log2 - precision);
    return (shift << precision) + (int) (magnitude >>> shift);
  }

  @Override
  public String slotFunction() {
    String distance =
        precision == 0
            ? "  u64 distance = bpf_log2l(magnitude);\n"
            : String.format(
                Locale.ROOT,
                """
                u64 log2 = bpf_log2l(magnitude) - 1;
                u64 shift = log2 > %1$d ? log2 - %1$d : 0;
                u64 distance = (shift << %1$d) + (magnitude >> shift);
              """,
                precision);
    return mirrored().function(distance);
  }

  @Override
  public long low(int slot) {
    if (slot < zero()) {
      // The slot of -2^63 has no other value.
      return slot == 0 ? Long.MIN_VALUE : -largest(zero() - slot);
    }
    int distance = slot - zero();
    return precision == 0 && distance == 1 ? 0 : smallest(distance);
  }

  @Override
  public long high(int slot) {
    return slot < zero() ? -smallest(zero() - slot) : largest(slot - zero());
  }

  /**
   * Returns the smallest magnitude at a distance from zero. With precision 0, that distance begins
   * with 1.
   */
  private long smallest(int distance) {
    int shift = shift(distance);
    return (distance - ((long) shift << precision)) << shift;
  }

  private long largest(int distance) {
    return smallest(distance) + (1L << shift(distance)) - 1;
  }

  private int shift(int distance) {
    return Math.max(0, (distance >> precision) - 1);
  }

  @Override
  public int firstRow() {
    return slotOf(0);
  }

  @Override
  public boolean showsEmptyBuckets() {
    return precision == 0;
  }

  @Override
  public String errorBound() {
    return precision == 0
        ? "less than 100 % of the value; 0 and 1 are not told apart"
        : "less than "
            + 100.0 / (1 << precision)
            + " % of the value; values up to "
            + ((2 << precision) - 1)
            + " are exact";
  }

  @Override
  public String text() {
    return precision == 0 ? "log2" : "log2/" + precision;
  }
}
