/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Log2BucketsTest {
  @Test
  void zeroAndOneShareTheFirstSlot() {
    assertThat(Log2Buckets.slotOf(0, true)).isEqualTo(1);
    assertThat(Log2Buckets.slotOf(1, true)).isEqualTo(1);
    assertThat(Log2Buckets.slotOf(0, false)).isEqualTo(1);
  }

  @Test
  void everyPowerOfTwoBeginsASlot() {
    for (int exponent = 1; exponent < 63; exponent++) {
      long power = 1L << exponent;
      assertThat(Log2Buckets.slotOf(power, true)).isEqualTo(exponent + 1);
      assertThat(Log2Buckets.slotOf(power - 1, true)).isEqualTo(exponent);
      assertThat(Log2Buckets.slotOf(power, false)).isEqualTo(exponent + 1);
      assertThat(Log2Buckets.slotOf(power - 1, false)).isEqualTo(exponent);
    }
  }

  @Test
  void unsignedValuesFromTwoToTheSixtyThreeAreInTheLastPositiveSlot() {
    assertThat(Log2Buckets.slotOf(Long.MAX_VALUE, false)).isEqualTo(63);
    assertThat(Log2Buckets.slotOf(Long.MIN_VALUE, false)).isEqualTo(64);
    assertThat(Log2Buckets.slotOf(-1, false)).isEqualTo(64);
    assertThat(Log2Buckets.lowText(64)).isEqualTo("9223372036854775808");
    assertThat(Log2Buckets.highText(64)).isEqualTo("18446744073709551615");
    assertThat(Log2Buckets.lowValue(64)).isEqualTo(0x1p63);
    assertThat(Log2Buckets.highValue(64)).isEqualTo(0x1p64);
  }

  @Test
  void negativeValuesMirrorThePositiveOnes() {
    assertThat(Log2Buckets.slotOf(-1, true)).isEqualTo(65);
    for (int exponent = 1; exponent < 63; exponent++) {
      long power = 1L << exponent;
      assertThat(Log2Buckets.slotOf(-power, true)).isEqualTo(64 + exponent + 1);
      assertThat(Log2Buckets.slotOf(-power + 1, true)).isEqualTo(64 + exponent);
    }
    assertThat(Log2Buckets.slotOf(-Long.MAX_VALUE, true)).isEqualTo(127);
    assertThat(Log2Buckets.slotOf(Long.MIN_VALUE, true)).isEqualTo(128);
  }

  @Test
  void boundsOfASlotAreInTheSlot() {
    for (int slot = 1; slot < Log2Buckets.SLOTS; slot++) {
      boolean signed = slot != 64;
      assertThat(Log2Buckets.slotOf(Log2Buckets.low(slot), signed)).isEqualTo(slot);
      assertThat(Log2Buckets.slotOf(Log2Buckets.high(slot), signed)).isEqualTo(slot);
      assertThat(Log2Buckets.lowValue(slot)).isLessThanOrEqualTo(Log2Buckets.highValue(slot));
    }
  }

  @Test
  void positionsOrderAllSlotsByValueWithoutAGap() {
    int[] slots =
        IntStream.rangeClosed(Log2Buckets.LOWEST, Log2Buckets.HIGHEST)
            .map(Log2Buckets::slotAt)
            .toArray();
    assertThat(slots).hasSize(Log2Buckets.SLOTS).doesNotHaveDuplicates();
    for (int i = 1; i < slots.length; i++) {
      if (slots[i - 1] == 0 || slots[i] == 0) {
        continue;
      }
      long next = Log2Buckets.high(slots[i - 1]) + 1;
      assertThat(Log2Buckets.low(slots[i])).isEqualTo(next);
    }
    assertThat(Log2Buckets.high(Log2Buckets.slotAt(-1)) + 1)
        .isEqualTo(Log2Buckets.low(Log2Buckets.slotAt(1)));
  }
}
