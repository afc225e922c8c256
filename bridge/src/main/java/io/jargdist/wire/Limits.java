/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a probe's cost and time.
 *
 * @param maxOverheadPercent of the CPU time that the process takes without its probes, and at least
 *     of one processor; a probe that costs more for three seconds is detached; 0 for no limit
 *     ({@code --max-overhead})
 * @param ttl after this time a probe is detached; null for never ({@code --ttl})
 */
public record Limits(double maxOverheadPercent, @Nullable Duration ttl) {
  public static final Limits DEFAULT = new Limits(5, null);

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3650);

  /**
   * Reads the value of {@code --max-overhead}.
   *
   * @throws IllegalArgumentException if it is not a percentage; the message says what is
   */
  public static double percent(String text) {
    try {
      double percent =
          Double.parseDouble(text.endsWith("%") ? text.substring(0, text.length() - 1) : text);
      if (percent >= 0 && Double.isFinite(percent)) {
        return percent;
      }
    } catch (NumberFormatException e) {
      // The message below fits.
    }
    throw new IllegalArgumentException(
        "--max-overhead takes a percentage of what the process uses, such as 5, or 0 for no limit, not "
            + text);
  }

  /**
   * Reads the value of {@code --ttl}: seconds, or a number with a unit, or several of these.
   *
   * @throws IllegalArgumentException if it is not such a time; the message says what is
   */
  public static Duration duration(String text) {
    try {
      String words = text.toUpperCase(Locale.ROOT);
      Duration duration =
          words.matches("[0-9]+") ? Duration.parse("PT" + words + "S") : period(words);
      if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(LONGEST) <= 0) {
        return duration;
      }
    } catch (DateTimeException | ArithmeticException e) {
      // The message below fits.
    }
    throw new IllegalArgumentException(
        "--ttl takes a time of at least a second, such as 30s, 10m, 1h30m or 2d, not " + text);
  }

  private static Duration period(String words) {
    int days = words.indexOf('D') + 1;
    String rest = words.substring(days);
    return Duration.parse("P" + words.substring(0, days) + (rest.isEmpty() ? "" : "T" + rest));
  }
}
