/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.math.BigInteger;
import java.util.Locale;

/**
 * The exponential buckets of OpenTelemetry and Prometheus: a bucket has the values above one power
 * of a base, up to and with the next power; negative values have mirrored ones, and 0 has one of
 * its own. The base is 2^(2^-scale), so each power of two is divided into 2^scale buckets, which
 * get wider by the same factor.
 *
 * <p>The slot of a positive value V is {@code ceil(log2(V) * 2^scale) + 1} slots from the slot of
 * 0. So that of 1 is the next one. OpenTelemetry's index of its bucket is that distance less 2,
 * Prometheus' is that less 1. Between small integers there are buckets that no integer is in; their
 * slots are never used.
 *
 * <p>All bounds but the powers of two are irrational, so an integer is never equal to one. That
 * makes integers enough: V, shifted until its highest bit is bit 63, is compared with each of
 * {@code 2^63 * base^k}, rounded down, for k from 0 to 2^scale - 1.
 *
 * @param scale from 0 to 5
 * @param signed whether values can be negative; only then there are slots for them
 */
public record ExponentialBuckets(int scale, boolean signed) implements BucketScheme {
  private static final int MAX_SCALE = 5;

  public ExponentialBuckets {
    if (scale < 0 || scale > MAX_SCALE) {
      throw new IllegalArgumentException(
          "there is no exp/"
              + scale
              + ": use exp/0 to exp/"
              + MAX_SCALE
              + ", for example exp/3 for eight buckets in each power of two");
    }
  }

  /** The bounds in the highest power of two, rounded down. Those of each scale are among them. */
  private static final class Finest {
    private static final long[] BOUNDS = new long[1 << MAX_SCALE];

    static {
      for (int k = 0; k < BOUNDS.length; k++) {
        // The root of a number rounded down, rounded down, is the root of the number, rounded down.
        BigInteger root = BigInteger.TWO.pow((63 << MAX_SCALE) + k);
        for (int i = 0; i < MAX_SCALE; i++) {
          root = root.sqrt();
        }
        BOUNDS[k] = root.longValue();
      }
    }
  }

  /** Returns {@code 2^63 * base^k}, rounded down, as an unsigned number. */
  private long bound(int k) {
    return Finest.BOUNDS[k << (MAX_SCALE - scale)];
  }

  private int parts() {
    return 1 << scale;
  }

  @Override
  public Kind kind() {
    return Kind.EXPONENTIAL;
  }

  @Override
  public BucketScheme withSigned(boolean other) {
    return new ExponentialBuckets(scale, other);
  }

  /** The largest distance is that of 2^64 - 1, or that of -2^63. */
  private int largestDistance() {
    return ((signed ? 63 : 64) << scale) + 1;
  }

  private int zero() {
    return signed ? largestDistance() : 0;
  }

  @Override
  public int slots() {
    return zero() + largestDistance() + 1;
  }

  @Override
  public boolean isUsed(int slot) {
    int distance = Math.abs(slot - zero());
    return distance == 0 || smallest(distance) != largest(distance) + 1;
  }

  @Override
  public int slotOf(long value) {
    return mirrored().slotOf(value, this::distance);
  }

  private MirroredSlots mirrored() {
    return new MirroredSlots(signed, zero());
  }

  private int distance(long magnitude) {
    if (magnitude == 0) {
      return 0;
    }
    int leadingZeros = Long.numberOfLeadingZeros(magnitude);
    long scaled = magnitude << leadingZeros;
    int distance = ((63 - leadingZeros) << scale) + 1;
    for (int k = 0; k < parts(); k++) {
      distance += (int) ((bound(k) - scaled) >>> 63);
    }
    return distance;
  }

  @Override
  public String slotFunction() {
    StringBuilder comparisons = new StringBuilder();
    for (int k = 0; k < parts(); k++) {
      comparisons.append(
          String.format(Locale.ROOT, "  distance += (0x%xULL - scaled) >> 63;\n", bound(k)));
    }
    // Bit 63 is set in all of them, so it is set in a difference if, and only if, that is negative.
    String distance =
        String.format(
            Locale.ROOT,
            """
              u64 log2 = bpf_log2l(magnitude) - 1;
              u64 scaled = magnitude << (63 - log2);
              u64 distance = (log2 << %d) + 1;
            %s  if (!magnitude) distance = 0;
            """,
            scale,
            comparisons);
    return mirrored().function(distance);
  }

  @Override
  public long low(int slot) {
    return slot < zero() ? -largest(zero() - slot) : smallest(slot - zero());
  }

  @Override
  public long high(int slot) {
    if (slot < zero()) {
      return -smallest(zero() - slot);
    }
    // 2^63 is no signed value.
    boolean beyond = signed && slot == slots() - 1;
    return beyond ? Long.MAX_VALUE : largest(slot - zero());
  }

  private long smallest(int distance) {
    return distance == 0 ? 0 : largest(distance - 1) + 1;
  }

  /** Returns the largest magnitude that is not farther from zero. */
  private long largest(int distance) {
    if (distance == 0) {
      return 0;
    }
    int power = (distance - 1) >> scale;
    // The bound 2^64 is no magnitude: the largest one is below it.
    return power > 63 ? -1 : bound((distance - 1) & (parts() - 1)) >>> (63 - power);
  }

  @Override
  public int firstRow() {
    return zero();
  }

  @Override
  public String errorBound() {
    double percent = Math.ceil((Math.pow(2, 1.0 / parts()) - 1) * 1000) / 10;
    long exact = 0;
    while (low(slotOf(exact + 1)) == high(slotOf(exact + 1))) {
      exact++;
    }
    return "less than " + percent + " % of the value; values up to " + exact + " are exact";
  }

  @Override
  public String text() {
    return "exp/" + scale;
  }
}
