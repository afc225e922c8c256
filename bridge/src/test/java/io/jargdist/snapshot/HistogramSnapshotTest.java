/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistogramSnapshotTest {
  static HistogramSnapshot of(boolean signed, long... values) {
    long[] counts = new long[Log2Buckets.SLOTS];
    long sum = 0;
    for (long value : values) {
      counts[Log2Buckets.slotOf(value, signed)]++;
      sum += value;
    }
    return new HistogramSnapshot(counts, sum, Losses.NONE);
  }

  private static HistogramSnapshot random(SplittableRandom random) {
    long[] counts = random.longs(Log2Buckets.SLOTS, 0, 1L << random.nextInt(1, 40)).toArray();
    Map<Loss, Long> losses = Map.of(Loss.READ_FAILED, random.nextLong(3), Loss.RECURSION, 1L);
    return new HistogramSnapshot(counts, random.nextLong(), new Losses(losses));
  }

  @Test
  void theOrderOfMergingDoesNotMatter() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 100; i++) {
      HistogramSnapshot a = random(random);
      HistogramSnapshot b = random(random);
      HistogramSnapshot c = random(random);
      assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c))).isEqualTo(c.plus(a).plus(b));
      assertThat(a.plus(HistogramSnapshot.empty())).isEqualTo(a);
    }
  }

  @Test
  void theDifferenceOfTwoSnapshotsIsWhatHappenedBetweenThem() {
    SplittableRandom random = new SplittableRandom(8);
    HistogramSnapshot before = random(random);
    HistogramSnapshot interval = random(random);
    assertThat(before.plus(interval).minus(before)).isEqualTo(interval);
    assertThat(before.minus(before)).isEqualTo(HistogramSnapshot.empty());
  }

  @Test
  void withoutEventsThereIsNoMinimumMaximumMeanOrQuantile() {
    HistogramSnapshot empty = HistogramSnapshot.empty();
    assertThat(empty.min()).isNaN();
    assertThat(empty.max()).isNaN();
    assertThat(empty.mean()).isNaN();
    assertThat(empty.quantile(0.5)).isNaN();
  }

  @Test
  void minimumAndMaximumAreTheBoundsOfTheOutermostBuckets() {
    HistogramSnapshot snapshot = of(true, -5, 3, 100);
    assertThat(snapshot.min()).isEqualTo(-7);
    assertThat(snapshot.max()).isEqualTo(127);
    assertThat(of(false, -1).min()).isEqualTo(0x1p63);
    assertThat(of(false, -1).max()).isEqualTo(0x1p64);
  }

  @Test
  void theMeanIsExact() {
    assertThat(of(true, -11, -11, 4, 5).mean()).isEqualTo(-13 / 4.0);
    assertThat(of(false, 3, 4).mean()).isEqualTo(3.5);
    assertThat(of(false, 1L << 63).mean()).isEqualTo(0x1p63);
    assertThat(of(true, Long.MIN_VALUE).mean()).isEqualTo(-0x1p63);
  }

  @Test
  void aSumThatWrappedRoundGivesNoMean() {
    assertThat(of(false, 1L << 63, 1L << 63).mean()).isNaN();
    assertThat(of(false, -1, -1, -1).mean()).isNaN();
    assertThat(of(true, Long.MIN_VALUE, Long.MIN_VALUE).mean()).isNaN();
  }

  @Test
  void quantilesLieOnAStraightLineThroughTheBucket() {
    long[] counts = new long[Log2Buckets.SLOTS];
    counts[Log2Buckets.slotOf(1024, true)] = 100;
    HistogramSnapshot snapshot = new HistogramSnapshot(counts, 0, Losses.NONE);
    assertThat(snapshot.quantile(0.5)).isEqualTo(1024 + 1023 * 0.5);
    assertThat(snapshot.quantile(1)).isEqualTo(2047);
  }

  @Test
  void aQuantileIsInTheBucketOfTheTrueValue() {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 200; i++) {
      int shift = random.nextInt(2, 40);
      long[] values = random.longs(random.nextInt(1, 2000), -1L << shift, 1L << shift).toArray();
      HistogramSnapshot snapshot = of(true, values);
      Arrays.sort(values);
      for (int perMille : new int[] {500, 750, 950, 990, 999, 1000}) {
        int rank = (values.length * perMille + 999) / 1000;
        long truth = values[rank - 1];
        int slot = Log2Buckets.slotOf(truth, true);
        assertThat(snapshot.quantile(perMille / 1000.0))
            .isBetween(Log2Buckets.lowValue(slot), Log2Buckets.highValue(slot))
            .isCloseTo((double) truth, within(Math.max(1.0, Math.abs((double) truth))));
      }
    }
  }
}
