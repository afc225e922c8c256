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

  private void print(Reading reading) {
    String label = reading.probe().label();
    if (reading.part() instanceof HistogramSnapshot histogram) {
      HistogramText.rows(histogram, label).forEach(out::println);
    } else {
      FrequencySnapshot frequency = (FrequencySnapshot) reading.part();
      out.println(label);
      List<String> rows =
          top == null || top == 0
              ? FrequencyText.rows(frequency, reading.probe().columns())
              : FrequencyText.rows(frequency, reading.probe().columns(), top);
      rows.forEach(out::println);
    }
    Losses lost = reading.part().losses();
    if (lost.total() != 0) {
      out.println("lost " + lost.total() + " (" + lost.detail() + ")");
    }
  }
}
