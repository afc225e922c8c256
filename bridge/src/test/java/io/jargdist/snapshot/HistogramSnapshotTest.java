/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HistogramSnapshotTest {
  private static final BucketScheme SIGNED = Log2Buckets.DEFAULT;

  static HistogramSnapshot of(boolean signed, long... values) {
    return of(SIGNED.withSigned(signed), values);
  }

  static HistogramSnapshot of(BucketScheme scheme, long... values) {
    long[] counts = new long[scheme.slots()];
    long sum = 0;
    for (long value : values) {
      counts[scheme.slotOf(value)]++;
      sum += value;
    }
    return new HistogramSnapshot(scheme, counts, sum, Losses.NONE, Sampling.NONE);
  }

  private static HistogramSnapshot random(BucketScheme scheme, SplittableRandom random) {
    long[] counts = random.longs(scheme.slots(), 0, 1L << random.nextInt(1, 40)).toArray();
    Map<Loss, Long> losses = Map.of(Loss.READ_FAILED, random.nextLong(3), Loss.RECURSION, 1L);
    return new HistogramSnapshot(
        scheme, counts, random.nextLong(), new Losses(losses), Sampling.NONE);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.snapshot.BucketSchemeTest#schemes")
  void theOrderOfMergingDoesNotMatter(BucketScheme scheme) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 20; i++) {
      HistogramSnapshot a = random(scheme, random);
      HistogramSnapshot b = random(scheme, random);
      HistogramSnapshot c = random(scheme, random);
      assertThat(a.plus(b).plus(c)).isEqualTo(a.plus(b.plus(c)));
      assertThat(a.plus(b)).isEqualTo(b.plus(a));
      assertThat(a.plus(b).count()).isEqualTo(a.count() + b.count());
      assertThat(a.plus(HistogramSnapshot.empty(scheme))).isEqualTo(a);
    }
  }

  @Test
  void mergedHistogramsAreTheHistogramOfAllValues() {
    SplittableRandom random = new SplittableRandom(6);
    long[] some = random.longs(100).toArray();
    long[] others = random.longs(50).toArray();
    long[] all = Arrays.copyOf(some, 150);
    System.arraycopy(others, 0, all, 100, 50);
    for (BucketScheme scheme : BucketSchemeTest.schemes()) {
      assertThat(of(scheme, some).plus(of(scheme, others))).isEqualTo(of(scheme, all));
    }
  }

  @Test
  void finerBucketsAreMergedIntoCoarserOnes() {
    SplittableRandom random = new SplittableRandom(5);
    LongSupplier values = () -> random.nextLong() >> random.nextInt(64);
    int merged = 0;
    for (BucketScheme finer : BucketSchemeTest.schemes()) {
      for (BucketScheme coarser : BucketSchemeTest.schemes()) {
        if (finer.refines(coarser)) {
          merged++;
          long[] some = LongStream.generate(values).limit(1000).toArray();
          long[] others = LongStream.generate(values).limit(500).toArray();
          long[] all = Arrays.copyOf(some, 1500);
          System.arraycopy(others, 0, all, 1000, 500);
          HistogramSnapshot sum = of(coarser, all);
          assertThat(of(finer, some).plus(of(coarser, others))).isEqualTo(sum);
          assertThat(of(coarser, some).plus(of(finer, others))).isEqualTo(sum);
        }
      }
    }
    assertThat(merged).isGreaterThan(BucketSchemeTest.schemes().size() + 2 * 2 * 15 - 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          exp/5             | exp/4              | true
          exp/5             | exp/0              | true
          exp/2             | exp/3              | false
          log2/5            | log2/4             | true
          log2/1            | log2               | true
          log2              | log2/1             | false
          linear(0,1000,50) | linear(0,1000,100) | true
          linear(0,1000,50) | linear(0,1000,75)  | false
          log2/5            | exp/0              | false
          exp/5             | log2               | false
          """)
  void aSchemeRefinesOnesWhoseBoundsItHas(String finer, String coarser, boolean refines) {
    for (boolean signed : new boolean[] {false, true}) {
      BucketScheme one = BucketScheme.parse(finer).withSigned(signed);
      BucketScheme other = BucketScheme.parse(coarser);
      assertThat(one.refines(other.withSigned(signed))).isEqualTo(refines);
      assertThat(one.refines(other.withSigned(!signed))).isFalse();
    }
  }

  @Test
  void histogramsOfDifferentSchemesAreNotMerged() {
    HistogramSnapshot one = of(BucketScheme.parse("log2/3"), 1);
    HistogramSnapshot other = of(BucketScheme.parse("linear(0,10,1)").withSigned(false), 1);
    assertThatThrownBy(() -> one.plus(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "histograms with the buckets log2/3 (signed) and linear(0,10,1) (unsigned) cannot be"
                + " merged: start both probes with the same type of value and the same --buckets");
    assertThatThrownBy(() -> of(true, 1).plus(of(false, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> one.minus(other)).isInstanceOf(IllegalArgumentException.class);
  }

  /** A probe that counts on, read again and again. */
  @ParameterizedTest
  @MethodSource("io.jargdist.snapshot.BucketSchemeTest#schemes")
  void theDifferenceOfTwoReadingsIsWhatHappenedBetweenThemAndNeverNegative(BucketScheme scheme) {
    SplittableRandom random = new SplittableRandom(8);
    HistogramSnapshot earlier = HistogramSnapshot.empty(scheme);
    for (int reading = 0; reading < 20; reading++) {
      HistogramSnapshot between = of(scheme, random.longs(random.nextInt(50)).toArray());
      HistogramSnapshot later = earlier.plus(between);
      HistogramSnapshot difference = later.minus(earlier);
      assertThat(difference).isEqualTo(between);
      assertThat(Arrays.stream(difference.counts()).min().orElse(0)).isNotNegative();
      earlier = later;
    }
    assertThat(earlier.minus(earlier)).isEqualTo(HistogramSnapshot.empty(scheme));
  }

  @Test
  void withoutEventsThereIsNoMinimumMaximumMeanOrQuantile() {
    HistogramSnapshot empty = HistogramSnapshot.empty(SIGNED);
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
    HistogramSnapshot linear = of(BucketScheme.parse("linear(0,100,10)"), -1, 55, 100);
    assertThat(linear.min()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(linear.max()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(of(linear.scheme(), 55, 61).min()).isEqualTo(50);
    assertThat(of(linear.scheme(), 55, 61).max()).isEqualTo(69);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.snapshot.BucketSchemeTest#schemes")
  void theMeanIsExact(BucketScheme scheme) {
    assertThat(of(scheme, 3, 4).mean()).isEqualTo(3.5);
    if (scheme.signed()) {
      assertThat(of(scheme, -11, -11, 4, 5).mean()).isEqualTo(-13 / 4.0);
      assertThat(of(scheme, Long.MIN_VALUE).mean()).isEqualTo(-0x1p63);
    } else {
      assertThat(of(scheme, 1L << 63).mean()).isEqualTo(0x1p63);
    }
  }

  @Test
  void aSumThatWrappedRoundGivesNoMean() {
    assertThat(of(false, 1L << 63, 1L << 63).mean()).isNaN();
    assertThat(of(false, -1, -1, -1).mean()).isNaN();
    assertThat(of(true, Long.MIN_VALUE, Long.MIN_VALUE).mean()).isNaN();
  }

  @Test
  void quantilesLieOnAStraightLineThroughTheBucket() {
    long[] counts = new long[SIGNED.slots()];
    counts[SIGNED.slotOf(1024)] = 100;
    HistogramSnapshot snapshot =
        new HistogramSnapshot(SIGNED, counts, 0, Losses.NONE, Sampling.NONE);
    assertThat(snapshot.quantile(0.5)).isEqualTo(1024 + 1023 * 0.5);
    assertThat(snapshot.quantile(1)).isEqualTo(2047);
  }

  @Test
  void quantilesBeyondALinearSchemeAreInfinite() {
    HistogramSnapshot snapshot = of(BucketScheme.parse("linear(0,10,2)"), -3, 5, 12);
    assertThat(snapshot.quantile(0.3)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(snapshot.quantile(0.5)).isBetween(4.0, 5.0);
    assertThat(snapshot.quantile(0.9)).isEqualTo(Double.POSITIVE_INFINITY);
  }

  /** How far {@link BucketScheme#errorBound} lets a percentile be from the true value. */
  private static double allowed(BucketScheme scheme, long truth) {
    double magnitude = Math.abs((double) truth);
    return switch (scheme.kind()) {
      case LOG2 -> {
        int precision = ((Log2Buckets) scheme).precision();
        yield precision == 0
            ? Math.max(1, magnitude)
            : magnitude < 2 << precision ? 0 : magnitude / (1 << precision);
      }
      case LINEAR -> ((LinearBuckets) scheme).step() - 1;
      case EXPONENTIAL ->
          magnitude * (Math.pow(2, 1.0 / (1 << ((ExponentialBuckets) scheme).scale())) - 1);
    };
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.snapshot.BucketSchemeTest#schemes")
  void percentilesAreAsCloseToTheTrueValueAsIsStated(BucketScheme scheme) {
    SplittableRandom random = new SplittableRandom(9);
    List<LongSupplier> distributions =
        List.of(
            () -> random.nextLong(1000),
            () -> 1L << random.nextInt(62),
            () -> (long) (-Math.log(1 - random.nextDouble()) * 250),
            () -> (long) Math.exp(random.nextDouble() * 40),
            () -> random.nextInt(100) == 0 ? 1_000_000 : 3,
            () -> scheme.signed() ? random.nextLong(-500, 500) : random.nextLong(500));
    for (LongSupplier distribution : distributions) {
      for (int size : new int[] {1, 2, 10, 1000, 9973}) {
        long[] values = new long[size];
        Arrays.setAll(values, i -> distribution.getAsLong());
        HistogramSnapshot snapshot = of(scheme, values);
        Arrays.sort(values);
        for (int perMille : new int[] {500, 750, 950, 990, 999, 1000}) {
          long truth = values[(size * perMille + 999) / 1000 - 1];
          int slot = scheme.slotOf(truth);
          double quantile = snapshot.quantile(perMille / 1000.0);
          if (scheme.isUnderflow(slot) || scheme.isOverflow(slot)) {
            assertThat(quantile).isInfinite();
          } else {
            // A double of this size cannot be told more exactly than by its ulp.
            double rounding = Math.ulp(quantile);
            assertThat(quantile)
                .isCloseTo((double) truth, within(allowed(scheme, truth) + rounding));
          }
        }
      }
    }
  }
}
