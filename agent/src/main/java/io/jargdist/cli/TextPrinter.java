/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import io.jargdist.snapshot.Losses;
import java.io.PrintStream;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints as argdist does, and a line for what was lost. */
final class TextPrinter implements Printer {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final PrintStream out;
  private final @Nullable Integer top;

  TextPrinter(PrintStream out, @Nullable Integer top) {
    this.out = out;
    this.top = top;
  }

  @Override
  public void print(ZonedDateTime time, List<Reading> readings) {
    out.println("[" + CLOCK.format(time) + "]");
    readings.forEach(this::print);
    out.flush();
  }

  /** How many rows {@code -T} shows: 0 is all, and a negative number leaves out so many. */
  private int rows(FrequencySnapshot frequency) {
    int all = frequency.counts().size();
    if (top == null || top == 0) {
      return all;
    }
    return top > 0 ? Math.min(all, top) : Math.max(0, all + top);
  }

  private void print(Reading reading) {
    String label = reading.probe().label();
    if (reading.part() instanceof HistogramSnapshot histogram) {
      HistogramText.rows(histogram, label).forEach(out::println);
    } else {
      FrequencySnapshot frequency = (FrequencySnapshot) reading.part();
      out.println(label);
      FrequencyText.rows(frequency, reading.probe().columns(), rows(frequency))
          .forEach(out::println);
    }
    Losses lost = reading.part().losses();
    if (lost.total() != 0) {
      out.println("lost " + lost.total() + " (" + lost.detail() + ")");
    }
  }
}
