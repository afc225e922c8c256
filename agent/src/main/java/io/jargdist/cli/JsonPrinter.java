/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.Figure;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
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
          case HISTOGRAM -> histogram((HistogramSnapshot) shown.part(), shown.probe().columns());
          case FREQUENCY -> frequency((FrequencySnapshot) shown.part(), shown.probe().columns());
          case SUM -> sum((SumSnapshot) shown.part(), shown.probe().columns());
        }
        + ",\"lost\":"
        + shown.part().losses().total()
        + ",\"lostDetail\":{"
        + String.join(",", lost)
        + "}"
        + ",\"open\":"
        + shown.health().open()
        + openByKey(shown)
        + sampling(shown.part().sampling())
        + ",\"warnings\":["
        + shown.warnings().stream().map(JsonPrinter::quoted).collect(Collectors.joining(","))
        + "]"
        + (shown.state() == null ? "" : ",\"state\":" + quoted(shown.state()))
        + "}";
  }

  /** The key with the most open pairs first. */
  private String openByKey(ShownSnapshot shown) {
    FrequencySnapshot open = shown.openByKey();
    if (open.counts().isEmpty()) {
      return "";
    }
    List<String> rows = new ArrayList<>();
    for (Map.Entry<List<String>, Long> row :
        open.mostFrequent(display.rows(open.counts().size()))) {
      rows.add(row(row.getKey(), shown.probe().columns(), "\"open\":" + row.getValue()));
    }
    return ",\"openByKey\":[" + String.join(",", rows) + "]";
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

  private String histogram(HistogramSnapshot histogram, List<KeyColumn> columns) {
    return ",\"type\":\"histogram\","
        + countAndSum(histogram.count(), histogram.sum())
        + (display.stats() ? stats(histogram) : "")
        + ",\"scheme\":"
        + quoted(histogram.scheme().text())
        + ","
        + buckets(histogram)
        + (columns.isEmpty() ? "" : keys(histogram, columns));
  }

  /** Only buckets with events; without a lower or an upper bound, that is null. */
  private static String buckets(HistogramSnapshot histogram) {
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
    return "\"buckets\":[" + String.join(",", buckets) + "]";
  }

  private static String countAndSum(long count, long sum) {
    return String.format(Locale.ROOT, "\"count\":%d,\"sum\":%d", count, sum);
  }

  /** The busiest key first. */
  private String keys(HistogramSnapshot histogram, List<KeyColumn> columns) {
    int limit = display.rows(histogram.busiest(Integer.MAX_VALUE).size());
    List<String> keys = new ArrayList<>();
    for (Map.Entry<List<String>, Distribution> key : histogram.busiest(limit)) {
      HistogramSnapshot one = key.getValue().histogram(histogram.scheme());
      keys.add(
          row(
              key.getKey(),
              columns,
              countAndSum(one.count(), one.sum())
                  + (display.stats() ? stats(one) : "")
                  + ","
                  + buckets(one)));
    }
    return "," + columns(columns) + ",\"keys\":[" + String.join(",", keys) + "]";
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

  /** The most frequent key first. */
  private String frequency(FrequencySnapshot frequency, List<KeyColumn> columns) {
    int limit = display.rows(frequency.counts().size());
    List<String> rows = new ArrayList<>();
    for (Map.Entry<List<String>, Long> row : frequency.mostFrequent(limit)) {
      rows.add(row(row.getKey(), columns, "\"count\":" + row.getValue()));
    }
    return String.format(
        Locale.ROOT,
        ",\"type\":\"frequency\",\"count\":%d,%s,\"rows\":[%s]",
        frequency.count(),
        columns(columns),
        String.join(",", rows));
  }

  /** The largest sum first. */
  private String sum(SumSnapshot sums, List<KeyColumn> columns) {
    int limit = display.rows(sums.sums().size());
    List<String> rows = new ArrayList<>();
    for (Map.Entry<List<String>, Sum> row : sums.largest(limit)) {
      Sum sum = row.getValue();
      rows.add(row(row.getKey(), columns, countAndSum(sum.events(), sum.sum())));
    }
    Sum total = sums.total();
    return String.format(
        Locale.ROOT,
        ",\"type\":\"sum\",%s,%s,\"rows\":[%s]",
        countAndSum(total.events(), total.sum()),
        columns(columns),
        String.join(",", rows));
  }

  private static String columns(List<KeyColumn> columns) {
    return "\"columns\":["
        + columns.stream()
            .map(column -> quoted(column.expression()))
            .collect(Collectors.joining(","))
        + "]";
  }

  /** A key of which a text goes on says which column has it. */
  private static String row(List<String> key, List<KeyColumn> columns, String members) {
    List<String> elements = new ArrayList<>();
    List<String> cut = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      String element = key.get(i);
      KeyText text = KeyText.of(element);
      boolean number = i < columns.size() && columns.get(i).isNumber(element);
      elements.add(number ? element : quoted(text.bytes()));
      if (text.cut() && i < columns.size()) {
        cut.add(quoted(columns.get(i).expression()));
      }
    }
    return "{\"key\":["
        + String.join(",", elements)
        + "],"
        + members
        + (cut.isEmpty() ? "" : ",\"cut\":[" + String.join(",", cut) + "]")
        + "}";
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
