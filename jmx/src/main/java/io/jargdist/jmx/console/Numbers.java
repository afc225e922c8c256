/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import java.util.Locale;

/** Numbers for people. */
final class Numbers {
  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

  private Numbers() {}

  /** {@code 1,234,567}. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** {@code 11.7 ns}, {@code 1,981}; a dash for no number. */
  static String value(double value, String unit) {
    if (Double.isNaN(value)) {
      return "\u2013";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-\u221e" : "\u221e";
    }
    boolean whole = value == Math.rint(value) || Math.abs(value) >= 1000;
    String text =
        Math.abs(value) >= 1e12
            ? String.format(Locale.ROOT, "%.3g", value)
            : String.format(Locale.ROOT, whole ? "%,.0f" : "%.1f", value);
    return unit.isEmpty() ? text : text + " " + unit;
  }

  /** {@code 13.2 %}. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** {@code 1,204/s}, {@code 0.3/s}. */
  static String perSecond(double rate) {
    return String.format(
        Locale.ROOT, rate < 10 && rate != Math.rint(rate) ? "%.1f/s" : "%,.0f/s", rate);
  }

  /** {@code 512 - 1,023}, with a dash of its own kind; one number if it is only one. */
  static String bucket(BucketScheme scheme, int firstSlot, int lastSlot) {
    String low = grouped(scheme.lowText(firstSlot));
    String high = grouped(scheme.highText(lastSlot));
    return low.equals(high) ? low : low + " \u2013 " + high;
  }

  /**
   * Returns a bucket's lower bound in few characters: {@code 4k}, powers of two as 1024s are not
   * told.
   */
  static String shortLow(BucketScheme scheme, int slot) {
    return scheme.isUnderflow(slot) ? "-\u221e" : compact(scheme.lowValue(slot));
  }

  /** {@code 131k}, {@code 2.1M}. */
  static String compact(double value) {
    double magnitude = Math.abs(value);
    int prefix = 0;
    while (magnitude >= 1000 && prefix < PREFIXES.length - 1) {
      magnitude /= 1000;
      prefix++;
    }
    String digits =
        String.format(
            Locale.ROOT,
            magnitude < 10 && magnitude != Math.rint(magnitude) ? "%.1f" : "%.0f",
            magnitude);
    return (value < 0 ? "-" : "") + digits + PREFIXES[prefix];
  }

  private static String grouped(String decimal) {
    if (decimal.endsWith("inf")) {
      return decimal.replace("inf", "\u221e");
    }
    StringBuilder text = new StringBuilder(decimal);
    for (int i = text.length() - 3; i > (decimal.startsWith("-") ? 1 : 0); i -= 3) {
      text.insert(i, ',');
    }
    return text.toString();
  }
}
