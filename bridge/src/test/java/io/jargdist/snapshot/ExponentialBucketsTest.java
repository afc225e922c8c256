/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The slots are those of OpenTelemetry's definition, in whole numbers of any length. */
class ExponentialBucketsTest {
  private static final int SCALES = 6;
  private static final List<BucketScheme> SIGNED =
      IntStream.range(0, SCALES).<BucketScheme>mapToObj(ExponentialBucketsTest::signed).toList();
  private static final List<BucketScheme> UNSIGNED =
      SIGNED.stream().map(scheme -> scheme.withSigned(false)).toList();

  private static BucketScheme signed(int scale) {
    return new ExponentialBuckets(scale, true);
  }

  /**
   * Checks all scales. The bucket with the index i has the values above base^i, up to and with
   * base^(i+1), where base^(2^scale) is 2: so i+1 is the smallest number for which value^(2^scale)
   * is at most 2^(i+1).
   */
  private static void assertDefinition(long value) {
    BigInteger power = new BigInteger(Long.toUnsignedString(value));
    BigInteger magnitudePower = BigInteger.valueOf(value).abs();
    for (int scale = 0; scale < SCALES; scale++) {
      BucketScheme unsigned = UNSIGNED.get(scale);
      BucketScheme signed = SIGNED.get(scale);
      int zero = signed.slotOf(0);
      if (value == 0) {
        assertThat(unsigned.slotOf(value)).isZero();
        assertThat(signed.low(zero)).isZero();
        assertThat(signed.high(zero)).isZero();
        continue;
      }
      check(unsigned.slotOf(value) == index(power) + 2, unsigned, value);
      int distance = index(magnitudePower) + 2;
      check(signed.slotOf(value) == zero + (value < 0 ? -distance : distance), signed, value);
      power = power.pow(2);
      magnitudePower = magnitudePower.pow(2);
    }
  }

  private static int index(BigInteger power) {
    return power.subtract(BigInteger.ONE).bitLength() - 1;
  }

  private static void check(boolean right, BucketScheme scheme, long value) {
    if (!right) {
      throw new AssertionError(scheme + " puts " + value + " into slot " + scheme.slotOf(value));
    }
  }

  @Test
  void powersOfTwoAndTheirNeighboursAreWhereTheDefinitionSays() {
    BucketSchemeTest.edges().forEach(ExponentialBucketsTest::assertDefinition);
  }

  @Test
  void allBoundsAndTheirNeighboursAreWhereTheDefinitionSays() {
    List<Long> bounds = new ArrayList<>();
    for (BucketScheme scheme : List.of(SIGNED.get(5), UNSIGNED.get(5))) {
      for (int slot = 0; slot < scheme.slots(); slot++) {
        bounds.addAll(List.of(scheme.low(slot), scheme.high(slot)));
      }
    }
    assertThat(bounds).hasSizeGreaterThan(12_000);
    bounds.stream()
        .distinct()
        .flatMapToLong(bound -> LongStream.rangeClosed(bound - 1, bound + 1))
        .forEach(ExponentialBucketsTest::assertDefinition);
  }

  @Test
  void randomValuesAreWhereTheDefinitionSays() {
    SplittableRandom random = new SplittableRandom(20);
    for (int i = 0; i < 1_000_000; i++) {
      assertDefinition(random.nextLong() >>> random.nextInt(64));
    }
  }

  @Test
  void powersOfTwoAreTheLargestOfTheirBuckets() {
    BucketScheme halves = UNSIGNED.get(1);
    assertThat(halves.slotOf(1024) + 1).isEqualTo(halves.slotOf(1025));
    assertThat(halves.lowText(halves.slotOf(1024))).isEqualTo("725");
    assertThat(halves.highText(halves.slotOf(1024))).isEqualTo("1024");
    assertThat(halves.highText(halves.slots() - 1)).isEqualTo("18446744073709551615");
    assertThat(SIGNED.get(5).slots()).isEqualTo(4035);
    assertThat(UNSIGNED.get(5).slots()).isEqualTo(2050);
  }

  @Test
  void bucketsWithoutAnIntegerAreNotUsed() {
    BucketScheme eighths = SIGNED.get(3);
    int two = eighths.slotOf(2);
    assertThat(eighths.slotOf(1)).isEqualTo(two - 8);
    assertThat(IntStream.range(two - 7, two)).noneMatch(eighths::isUsed);
    assertThat(HistogramText.rows(HistogramSnapshotTest.of(eighths, -9, 1, 2, 4, 400, 400), "x"))
        .containsExactly(
            "     x                   : count     distribution",
            "        -9 -> -9         : 1        |********************                    |",
            "        -8 -> 0          : 0        |                                        |",
            "         1 -> 1          : 1        |********************                    |",
            "         2 -> 2          : 1        |********************                    |",
            "         3 -> 3          : 0        |                                        |",
            "         4 -> 4          : 1        |********************                    |",
            "         5 -> 394        : 0        |                                        |",
            "       395 -> 430        : 2        |****************************************|");
  }
}
