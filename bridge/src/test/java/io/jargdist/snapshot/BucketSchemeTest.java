/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what must be true of every scheme. */
class BucketSchemeTest {
  static List<BucketScheme> schemes() {
    List<BucketScheme> schemes = new ArrayList<>();
    for (String text :
        List.of(
            "log2",
            "log2/1",
            "log2/2",
            "log2/3",
            "log2/4",
            "log2/5",
            "exp/0",
            "exp/1",
            "exp/2",
            "exp/3",
            "exp/4",
            "exp/5",
            "linear(0,1000,50)",
            "linear(-10,11,4)",
            "linear(1,2,1)",
            "linear(0,9223372036854775807,4505799724892417)",
            "linear(-9223372036854775808,9223372036854775807,9223372036854775807)",
            "linear(-9223372036854775808,9223372036854775807,4505799724892417)")) {
      schemes.add(BucketScheme.parse(text));
      if (!text.contains("(-")) {
        schemes.add(BucketScheme.parse(text).withSigned(false));
      }
    }
    return schemes;
  }

  /** 0, all powers of two, what is beside them, and all that negated. */
  static Stream<Long> edges() {
    List<Long> edges = new ArrayList<>();
    for (int exponent = 0; exponent < 64; exponent++) {
      for (int offset = -1; offset <= 1; offset++) {
        edges.add((1L << exponent) + offset);
        edges.add(-(1L << exponent) + offset);
      }
    }
    return edges.stream().distinct();
  }

  private static int compare(BucketScheme scheme, long one, long other) {
    return scheme.signed() ? Long.compare(one, other) : Long.compareUnsigned(one, other);
  }

  @Test
  void allKindsAreTested() {
    assertThat(schemes().stream().map(BucketScheme::kind)).contains(BucketScheme.Kind.values());
  }

  @Test
  void allKindsAreExplained() throws IOException {
    String document = Files.readString(Path.of("../docs/buckets.md"));
    for (BucketScheme.Kind kind : BucketScheme.Kind.values()) {
      assertThat(document).contains("| `" + kind.form().split(", | to ", 2)[0] + "` |");
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void everyValueIsBetweenTheBoundsOfItsSlot(BucketScheme scheme) {
    edges()
        .forEach(
            value -> {
              int slot = scheme.slotOf(value);
              assertThat(slot).isBetween(0, scheme.slots() - 1);
              assertThat(scheme.isUsed(slot)).isTrue();
              assertThat(compare(scheme, scheme.low(slot), value)).isNotPositive();
              assertThat(compare(scheme, scheme.high(slot), value)).isNotNegative();
            });
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void slotsFollowEachOtherWithoutAGap(BucketScheme scheme) {
    long expected = scheme.signed() ? Long.MIN_VALUE : 0;
    for (int slot = 0; slot < scheme.slots(); slot++) {
      if (!scheme.isUsed(slot)) {
        continue;
      }
      assertThat(scheme.low(slot)).isEqualTo(expected);
      assertThat(scheme.slotOf(scheme.low(slot))).isEqualTo(slot);
      assertThat(scheme.slotOf(scheme.high(slot))).isEqualTo(slot);
      assertThat(scheme.lowValue(slot)).isLessThanOrEqualTo(scheme.highValue(slot));
      expected = scheme.high(slot) + 1;
    }
    assertThat(expected).isEqualTo(scheme.signed() ? Long.MIN_VALUE : 0);
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void whatASchemeSaysOfItselfIsUnderstood(BucketScheme scheme) {
    assertThat(BucketScheme.parse(scheme.text()).withSigned(scheme.signed())).isEqualTo(scheme);
    assertThat(scheme.slots()).isLessThanOrEqualTo(BucketScheme.MAX_SLOTS);
  }

  @Test
  void blanksAndSignsAreAllowed() {
    assertThat(BucketScheme.parse(" linear( -5 , +5 , 1 ) ").text()).isEqualTo("linear(-5,5,1)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "log",
        "log3",
        "log2/",
        "log2/x",
        "log2/12",
        "LOG2",
        "linear",
        "linear(1,2)",
        "exp",
        "exp3"
      })
  void whatIsNoSchemeIsRefusedWithExamples(String text) {
    assertThatThrownBy(() -> BucketScheme.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "unknown buckets \"%s\": use %s, for example log2/3 or ", text, BucketScheme.SYNTAX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          log2/6                           | there is no log2/6: use log2, or log2/1 to log2/5
          exp/6                            | there is no exp/6: use exp/0 to exp/5, for example exp/3
          linear(0,10,0)                   | STEP must be at least 1, for example linear(0,1000,50)
          linear(0,10,-1)                  | STEP must be at least 1
          linear(10,10,1)                  | MIN must be less than MAX
          linear(0,100000,1)               | has 100000 buckets, and 4094 are allowed
          linear(0,100000,1)               | for example linear(0,100000,25)
          linear(-9223372036854775808,9223372036854775807,1) | has 18446744073709551615 buckets
          linear(0,9223372036854775808,1)  | must fit into 64 bits
          """)
  void badNumbersAreRefusedWithWhatWouldDo(String text, String reason) {
    assertThatThrownBy(() -> BucketScheme.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void bucketsBelowZeroAreRefusedForUnsignedValues() {
    assertThatThrownBy(() -> BucketScheme.parse("linear(-10,100,10)").withSigned(false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "linear(-10,100,10) begins below 0, and the values are unsigned: use a signed type, or"
                + " buckets such as linear(0,100,10)");
  }

  @Test
  void theStepThatIsProposedFits() {
    assertThat(BucketScheme.parse("linear(0,100000,25)").slots()).isEqualTo(4002);
    assertThat(
            BucketScheme.parse("linear(-9223372036854775808,9223372036854775807,4505799724892417)")
                .slots())
        .isLessThanOrEqualTo(BucketScheme.MAX_SLOTS);
  }

  @Test
  void theErrorBoundIsStated() {
    assertThat(BucketScheme.parse("log2").errorBound().toLowerCase(Locale.ROOT))
        .startsWith("less than 100 % of the value");
    assertThat(BucketScheme.parse("log2/3").errorBound())
        .isEqualTo("less than 12.5 % of the value; values up to 15 are exact");
    assertThat(BucketScheme.parse("exp/3").errorBound())
        .isEqualTo("less than 9.1 % of the value; values up to 14 are exact");
    assertThat(BucketScheme.parse("exp/0").errorBound())
        .isEqualTo("less than 100.0 % of the value; values up to 2 are exact");
    assertThat(BucketScheme.parse("linear(0,1000,50)").errorBound())
        .isEqualTo("at most 49; below 0 and from 1000 on not known, shown as infinity");
  }
}
