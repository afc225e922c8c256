/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyedHistogramText;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.StatsText;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.snapshot.SumText;
import io.jargdist.text.VisibleText;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints as argdist does, and a line for what was lost. */
final class TextPrinter implements Printer {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  /** The state of which nothing has to be said. */
  private static final String RUNNING = "running";

  private final Output out;
  private final Display display;

  TextPrinter(Output out, Display display) {
    this.out = out;
    this.display = display;
  }

  @Override
  public void print(ZonedDateTime time, List<ShownSnapshot> snapshots)
      throws ClosedOutputException {
    lines(time, snapshots, display).forEach(out::line);
    out.check();
  }

  /** Returns what is printed for one interval. */
  static List<String> lines(ZonedDateTime time, List<ShownSnapshot> snapshots, Display display) {
    List<String> lines = new ArrayList<>();
    lines.add("[" + CLOCK.format(time) + "]");
    for (ShownSnapshot shown : snapshots) {
      String label = shown.probe().label();
      switch (shown.part().form()) {
        case HISTOGRAM -> {
          HistogramSnapshot histogram = (HistogramSnapshot) shown.part();
          List<KeyColumn> columns = shown.probe().columns();
          if (columns.isEmpty() || histogram.count() == 0) {
            lines.addAll(histogram(histogram, label, display));
          } else {
            int keys = display.rows(histogram.busiest(Integer.MAX_VALUE).size());
            lines.addAll(
                KeyedHistogramText.rows(
                    histogram, columns, keys, key -> histogram(key, label, display)));
          }
        }
        case FREQUENCY -> {
          FrequencySnapshot frequency = (FrequencySnapshot) shown.part();
          lines.add(VisibleText.value(label));
          int rows = display.rows(frequency.counts().size());
          lines.addAll(FrequencyText.rows(frequency, shown.probe().columns(), rows));
        }
        case SUM -> {
          SumSnapshot sums = (SumSnapshot) shown.part();
          lines.add(VisibleText.value(label));
          int rows = display.rows(sums.sums().size());
          lines.addAll(SumText.rows(sums, shown.probe().columns(), rows));
        }
      }
      Losses lost = shown.part().losses();
      if (lost.total() != 0) {
        lines.add(lost.line());
      }
      String open = shown.open();
      if (open != null) {
        FrequencySnapshot byKey = shown.openByKey();
        if (!byKey.counts().isEmpty()) {
          lines.addAll(
              FrequencyText.openRows(
                  byKey, shown.probe().columns(), display.rows(byKey.counts().size())));
        }
        lines.add(open);
      }
      String seen = shown.seen();
      if (seen != null) {
        lines.add(seen);
      }
      String state = shown.state();
      if (state != null && !state.equals(RUNNING)) {
        lines.add("state " + VisibleText.value(state));
      }
    }
    return lines;
  }

  private static List<String> histogram(
      HistogramSnapshot histogram, String label, Display display) {
    List<String> lines = new ArrayList<>(HistogramText.lines(histogram, label));
    if (display.stats()) {
      lines.addAll(StatsText.lines(histogram));
    }
    return lines;
  }
}
