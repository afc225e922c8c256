/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Log2BucketsTest {
  private static final BucketScheme SIGNED = Log2Buckets.DEFAULT;
  private static final BucketScheme UNSIGNED = SIGNED.withSigned(false);

  @Test
  void unsignedSlotsAreThoseOfBcc() {
    assertThat(UNSIGNED.slots()).isEqualTo(65);
    assertThat(UNSIGNED.slotOf(0)).isEqualTo(1);
    assertThat(UNSIGNED.slotOf(1)).isEqualTo(1);
    for (int exponent = 1; exponent < 63; exponent++) {
      assertThat(UNSIGNED.slotOf(1L << exponent)).isEqualTo(exponent + 1);
      assertThat(UNSIGNED.slotOf((1L << exponent) - 1)).isEqualTo(exponent);
    }
    assertThat(UNSIGNED.slotOf(Long.MAX_VALUE)).isEqualTo(63);
    assertThat(UNSIGNED.slotOf(Long.MIN_VALUE)).isEqualTo(64);
    assertThat(UNSIGNED.slotOf(-1)).isEqualTo(64);
    assertThat(UNSIGNED.isUsed(0)).isFalse();
  }

  @Test
  void unsignedValuesFromTwoToTheSixtyThreeAreTheLargest() {
    assertThat(UNSIGNED.lowText(64)).isEqualTo("9223372036854775808");
    assertThat(UNSIGNED.highText(64)).isEqualTo("18446744073709551615");
    assertThat(UNSIGNED.lowValue(64)).isEqualTo(0x1p63);
    assertThat(UNSIGNED.highValue(64)).isEqualTo(0x1p64);
  }

  @Test
  void negativeValuesMirrorThePositiveOnes() {
    assertThat(SIGNED.slots()).isEqualTo(128);
    assertThat(SIGNED.slotOf(0)).isEqualTo(65);
    assertThat(SIGNED.slotOf(-1)).isEqualTo(63);
    for (int exponent = 1; exponent < 63; exponent++) {
      assertThat(SIGNED.slotOf(1L << exponent)).isEqualTo(64 + exponent + 1);
      assertThat(SIGNED.slotOf(-(1L << exponent))).isEqualTo(64 - exponent - 1);
      assertThat(SIGNED.slotOf(-(1L << exponent) + 1)).isEqualTo(64 - exponent);
    }
    assertThat(SIGNED.slotOf(Long.MIN_VALUE)).isZero();
    assertThat(SIGNED.slotOf(Long.MAX_VALUE)).isEqualTo(127);
  }

  @Test
  void finerBucketsDivideEachPowerOfTwo() {
    BucketScheme eighths = BucketScheme.parse("log2/3").withSigned(false);
    assertThat(eighths.slots()).isEqualTo(62 * 8);
    for (int value = 0; value < 16; value++) {
      assertThat(eighths.slotOf(value)).isEqualTo(value);
    }
    assertThat(eighths.slotOf(17)).isEqualTo(eighths.slotOf(16)).isEqualTo(16);
    assertThat(eighths.slotOf(18)).isEqualTo(17);
    assertThat(eighths.lowText(16 + 8)).isEqualTo("32");
    assertThat(eighths.highText(16 + 8)).isEqualTo("35");
    assertThat(eighths.slotOf(-1)).isEqualTo(495);
  }
}
