/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Divides 64-bit values into the buckets of a histogram. Each bucket has a slot; slots are in the
 * order of the values. {@link #slotOf} and {@link #slotFunction} are the same function, in Java and
 * in C.
 *
 * <p>A value is a long. If the scheme is not {@link #signed}, values and the bounds of slots are
 * unsigned.
 */
public sealed interface BucketScheme permits Log2Buckets, LinearBuckets, ExponentialBuckets {
  /** Most slots of a scheme: in the kernel they take 32 KiB for each possible processor. */
  int MAX_SLOTS = 4096;

  /** The schemes that a user can write, in a line for people. */
  String SYNTAX = Kind.allForms();

  /** The kinds of schemes, and how each is written. */
  enum Kind {
    LOG2("log2, log2/1 to log2/5", "log2/3", "log2(?:/(\\d))?") {
      @Override
      BucketScheme scheme(MatchResult written) {
        String precision = written.group(1);
        return new Log2Buckets(precision == null ? 0 : Integer.parseInt(precision), true);
      }
    },
    LINEAR("linear(MIN,MAX,STEP)", "linear(0,1000,50)", "linear\\(N,N,N\\)") {
      @Override
      BucketScheme scheme(MatchResult written) {
        return new LinearBuckets(
            Long.parseLong(written.group(1)),
            Long.parseLong(written.group(2)),
            Long.parseLong(written.group(3)),
            true);
      }
    },
    EXPONENTIAL("exp/0 to exp/5", "exp/3", "exp/(\\d)") {
      @Override
      BucketScheme scheme(MatchResult written) {
        return new ExponentialBuckets(Integer.parseInt(written.group(1)), true);
      }
    };

    private final String form;
    private final String example;
    private final Pattern pattern;

    /**
     * @param pattern of the text, where N stands for a number, which is a group
     */
    Kind(String form, String example, String pattern) {
      this.form = form;
      this.example = example;
      this.pattern = Pattern.compile(pattern.replace("N", "\\s*([+-]?\\d+)\\s*"));
    }

    /**
     * Returns the scheme for signed values that matches the pattern.
     *
     * @throws NumberFormatException if a number has more than 64 bits
     */
    abstract BucketScheme scheme(MatchResult written);

    /** Returns how it is written, for people. */
    public String form() {
      return form;
    }

    private static String allForms() {
      List<String> forms = Stream.of(values()).map(Kind::form).toList();
      int last = forms.size() - 1;
      return String.join(", ", forms.subList(0, last)) + ", or " + forms.get(last);
    }
  }

  /**
   * Returns the scheme for signed values that a user asks for.
   *
   * @param text {@code "log2"}, {@code "log2/3"}, {@code "linear(0,1000,50)"}
   * @throws IllegalArgumentException if there is no such scheme; the message has an example
   */
  static BucketScheme parse(String text) {
    for (Kind kind : Kind.values()) {
      Matcher written = kind.pattern.matcher(text.strip());
      if (written.matches()) {
        try {
          return kind.scheme(written);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "the numbers of \"" + text + "\" must fit into 64 bits, with a sign", e);
        }
      }
    }
    throw new IllegalArgumentException(
        "unknown buckets \""
            + text
            + "\": use "
            + SYNTAX
            + ", for example "
            + Stream.of(Kind.values()).map(kind -> kind.example).collect(joining(" or ")));
  }

  /** Returns of which kind it is. */
  Kind kind();

  /**
   * Returns whether each bucket of this scheme lies within one of another scheme, so that a
   * histogram of that scheme can be made of one of this scheme.
   */
  default boolean refines(BucketScheme coarser) {
    if (equals(coarser)) {
      return true;
    }
    return signed() == coarser.signed()
        && IntStream.range(0, slots())
            .filter(this::isUsed)
            .allMatch(slot -> coarser.slotOf(low(slot)) == coarser.slotOf(high(slot)));
  }

  /**
   * The same scheme for values that are signed, or that are not.
   *
   * @throws IllegalArgumentException if it is not one for those
   */
  BucketScheme withSigned(boolean signed);

  /** Returns whether values are signed. */
  boolean signed();

  /** Returns how many slots there are, at most {@link #MAX_SLOTS}. */
  int slots();

  /** Returns whether any value has this slot. */
  boolean isUsed(int slot);

  /** Returns the slot of a value. */
  int slotOf(long value);

  /** Returns the smallest value of a slot. */
  long low(int slot);

  /** Returns the largest value of a slot. */
  long high(int slot);

  /** Returns whether a slot has only the lower bound of all values. */
  default boolean isUnderflow(int slot) {
    return false;
  }

  /** Returns whether a slot has only the upper bound of all values. */
  default boolean isOverflow(int slot) {
    return false;
  }

  /** Returns the first slot from which on a table has a row for each, with or without values. */
  int firstRow();

  /**
   * Returns whether a text has a row for each empty bucket between 0 and the highest one, as
   * argdist's.
   */
  default boolean showsEmptyBuckets() {
    return false;
  }

  /** Returns how far a percentile may be from the true value, for people. */
  String errorBound();

  /**
   * Returns a C function {@code static u64 slot_of(value)}, its parameter a 64-bit integer of this
   * scheme's kind.
   */
  String slotFunction();

  /** Returns the text that {@link #parse} takes. */
  String text();

  /** {@link #low} as a number; minus infinity for an underflow. */
  default double lowValue(int slot) {
    return isUnderflow(slot) ? Double.NEGATIVE_INFINITY : number(low(slot));
  }

  /** {@link #high} as a number; infinity for an overflow. */
  default double highValue(int slot) {
    return isOverflow(slot) ? Double.POSITIVE_INFINITY : number(high(slot));
  }

  /** {@link #low} in decimal, or {@code "-inf"}. */
  default String lowText(int slot) {
    return isUnderflow(slot) ? "-inf" : decimal(low(slot));
  }

  /** {@link #high} in decimal, or {@code "+inf"}. */
  default String highText(int slot) {
    return isOverflow(slot) ? "+inf" : decimal(high(slot));
  }

  private double number(long value) {
    return signed() || value >= 0 ? value : value + 0x1p64;
  }

  private String decimal(long value) {
    return signed() ? Long.toString(value) : Long.toUnsignedString(value);
  }
}
