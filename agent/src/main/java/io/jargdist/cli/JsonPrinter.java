/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Figure;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import io.jargdist.snapshot.Sampling;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints one line of JSON per probe and interval, for scripts. docs/usage.md has its members. */
final class JsonPrinter implements Printer {
  private final Output out;
  private final Display display;

  JsonPrinter(Output out, Display display) {
    this.out = out;
    this.display = display;
  }

  @Override
  public void print(ZonedDateTime time, List<ShownSnapshot> snapshots)
      throws ClosedOutputException {
    out.line(text(time, snapshots));
    out.check();
  }

  private String text(ZonedDateTime time, List<ShownSnapshot> snapshots) {
    List<String> probes = new ArrayList<>();
    snapshots.forEach(shown -> probes.add(probe(shown)));
    return "{\"time\":"
        + quoted(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time))
        + ",\"probes\":["
        + String.join(",", probes)
        + "]}";
  }

  private String probe(ShownSnapshot shown) {
    List<String> lost = new ArrayList<>();
    shown
        .part()
        .losses()
        .counts()
        .forEach((loss, count) -> lost.add(quoted(loss.text()) + ":" + count));
    return "{\"name\":"
        + quoted(shown.probe().name())
        + ",\"label\":"
        + quoted(shown.probe().label())
        + ",\"specifier\":"
        + quoted(shown.specifier())
        + switch (shown.part().form()) {
          case HISTOGRAM -> histogram((HistogramSnapshot) shown.part());
          case FREQUENCY -> frequency((FrequencySnapshot) shown.part(), shown.probe().columns());
        }
        + ",\"lost\":"
        + shown.part().losses().total()
        + ",\"lostDetail\":{"
        + String.join(",", lost)
        + "}"
        + ",\"open\":"
        + shown.health().open()
        + sampling(shown.part().sampling())
        + ",\"warnings\":["
        + shown.warnings().stream().map(JsonPrinter::quoted).collect(Collectors.joining(","))
        + "]"
        + (shown.state() == null ? "" : ",\"state\":" + quoted(shown.state()))
        + "}";
  }

  /** Without a whole period there is no estimate. */
  private static String sampling(Sampling sampling) {
    return sampling.isKnown()
        ? String.format(
            Locale.ROOT,
            ",\"coverage\":%.4f,\"estimate\":{\"count\":%.0f,\"low\":%.0f,\"high\":%.0f}",
            sampling.coverage(),
            sampling.estimate(),
            sampling.low(),
            sampling.high())
        : ",\"coverage\":null,\"estimate\":null";
  }

  /** Only buckets with events; without a lower or an upper bound, that is null. */
  private String histogram(HistogramSnapshot histogram) {
    BucketScheme scheme = histogram.scheme();
    List<String> buckets = new ArrayList<>();
    for (int slot = 0; slot < scheme.slots(); slot++) {
      if (histogram.count(slot) > 0) {
        String low = scheme.isUnderflow(slot) ? "null" : scheme.lowText(slot);
        String high = scheme.isOverflow(slot) ? "null" : scheme.highText(slot);
        buckets.add(
            String.format(
                Locale.ROOT,
                "{\"low\":%s,\"high\":%s,\"count\":%d}",
                low,
                high,
                histogram.count(slot)));
      }
    }
    return String.format(
        Locale.ROOT,
        ",\"type\":\"histogram\",\"count\":%d,\"sum\":%d%s,\"scheme\":%s,\"buckets\":[%s]",
        histogram.count(),
        histogram.sum(),
        display.stats() ? stats(histogram) : "",
        quoted(scheme.text()),
        String.join(",", buckets));
  }

  /** A number that is not known, or does not exist without events, is null or absent. */
  private static String stats(HistogramSnapshot histogram) {
    double mean = histogram.mean();
    StringBuilder members = new StringBuilder(",\"stats\":{\"mean\":");
    members.append(Double.isNaN(mean) ? "null" : Double.toString(mean));
    for (Figure figure : Figure.of(histogram)) {
      members.append(
          String.format(
              Locale.ROOT,
              ",%s:{\"low\":%s,\"high\":%s}",
              quoted(figure.name()),
              figure.low(),
              figure.high()));
    }
    return members.append('}').toString();
  }

  /** The most frequent key first; those of which a text goes on say which one. */
  private String frequency(FrequencySnapshot frequency, List<KeyColumn> columns) {
    int limit = display.rows(frequency.counts().size());
    List<String> rows = new ArrayList<>();
    for (Map.Entry<List<String>, Long> row : frequency.mostFrequent(limit)) {
      List<String> key = new ArrayList<>();
      List<String> cut = new ArrayList<>();
      for (int i = 0; i < row.getKey().size(); i++) {
        String element = row.getKey().get(i);
        KeyText text = KeyText.of(element);
        boolean number = i < columns.size() && columns.get(i).isNumber(element);
        key.add(number ? element : quoted(text.bytes()));
        if (text.cut() && i < columns.size()) {
          cut.add(quoted(columns.get(i).expression()));
        }
      }
      rows.add(
          "{\"key\":["
              + String.join(",", key)
              + "],\"count\":"
              + row.getValue()
              + (cut.isEmpty() ? "" : ",\"cut\":[" + String.join(",", cut) + "]")
              + "}");
    }
    List<String> names = new ArrayList<>();
    columns.forEach(column -> names.add(quoted(column.expression())));
    return String.format(
        Locale.ROOT,
        ",\"type\":\"frequency\",\"count\":%d,\"columns\":[%s],\"rows\":[%s]",
        frequency.count(),
        String.join(",", names),
        String.join(",", rows));
  }

  /** RFC 8259, section 7, in ASCII: whatever reads it knows that, in every locale. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
