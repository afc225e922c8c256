/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;
import static io.jargdist.jmx.BeanInfo.TEXT;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyedHistogramText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.management.MBeanInfo;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import org.jspecify.annotations.Nullable;

/**
 * The MBean of a histogram.
 *
 * <p>Min, Max, Mean and the percentiles are NaN without events: a client can tell that from a value
 * of 0. {@link HistogramSnapshot} states how exact they are.
 */
final class HistogramBean extends ProbeBean<HistogramSnapshot> {
  /** The most rows of ByKey, which have the busiest keys: each has a table of its own. */
  private static final int MAX_KEYS = 200;

  /** The most keys that have rows of their own in a text to look at. */
  private static final int TOP = 20;

  private static final String ROWS = "argdist's rows";
  private static final String ROWS_BY_KEY =
      ROWS + " for each key, the busiest last, at most " + TOP;

  private final HistogramProbe probe;
  private final @Nullable KeyTable<KeyedCounts> table;
  private final MBeanInfo info;

  /**
   * What was counted of one key.
   *
   * @param ever decides which rows of negative bounds there are; it is of all keys
   */
  private record KeyedCounts(HistogramSnapshot ever, HistogramSnapshot current) {
    KeyedCounts plus(KeyedCounts other) {
      return new KeyedCounts(ever, current.plus(other.current));
    }
  }

  HistogramBean(HistogramProbe probe, ProbeControl control, MBeans beans, LongSupplier nanoTime) {
    super(probe, control, beans, nanoTime, HistogramSnapshot.empty(probe.scheme()));
    this.probe = probe;
    this.table = probe.columns().isEmpty() ? null : table(probe.columns());
    this.info = describe(probe.unit(), probe.scheme(), table);
  }

  private static KeyTable<KeyedCounts> table(List<KeyColumn> columns) {
    return new KeyTable<>(
        "ByKey",
        "Key",
        "Distributions per combination of values",
        columns,
        List.of(
            new KeyTable.Column<>(
                "count", "events", SimpleType.LONG, counts -> counts.current.count()),
            new KeyTable.Column<>(
                "sum",
                "of the values, modulo 2^64",
                SimpleType.LONG,
                counts -> counts.current.sum()),
            quantile("p50", 0.5),
            quantile("p95", 0.95),
            quantile("p99", 0.99),
            new KeyTable.Column<>(
                "max", "no value was larger", SimpleType.DOUBLE, counts -> counts.current.max()),
            new KeyTable.Column<>(
                "buckets",
                "as Buckets",
                BucketTable.TYPE,
                counts -> BucketTable.rows(counts.ever, counts.current))),
        KeyedCounts::plus);
  }

  private static KeyTable.Column<KeyedCounts> quantile(String name, double q) {
    return new KeyTable.Column<>(
        name, "percentile", SimpleType.DOUBLE, counts -> counts.current.quantile(q));
  }

  private static MBeanInfo describe(
      String unit, BucketScheme scheme, @Nullable KeyTable<KeyedCounts> table) {
    BeanInfo info = new BeanInfo();
    describeProbe(info)
        .attribute("Unit", TEXT, "Unit of the values; empty if nothing is known about it")
        .gauge("Sum", "long", unit, "Sum of the values, modulo 2^64")
        .gauge("Min", "double", unit, "No value was smaller: the lowest bucket's lower bound")
        .gauge("Max", "double", unit, "No value was larger: the highest bucket's upper bound")
        .gauge("Mean", "double", unit, "Sum / Count, exact; NaN without events");
    for (String percent : new String[] {"50", "75", "95", "99", "99.9"}) {
      info.gauge(
          percent.replace(".", "") + "thPercentile",
          "double",
          unit,
          percent
              + " % of the values are at most this; interpolated within a bucket, off by "
              + scheme.errorBound()
              + "; NaN without events");
    }
    info.gauge(
        "LatencyFloorNanos",
        "double",
        "ns",
        "What $latency shows for a function that does nothing, measured on this machine; NaN for"
            + " other values, and until it is measured");
    info.attribute("PercentileError", TEXT, "How far a percentile may be from the true value")
        .attribute("Scheme", TEXT, "How values are divided into buckets, as --buckets takes it")
        .table(
            "Buckets",
            BucketTable.TYPE,
            "Events with a value of at most le, cumulative, as Prometheus has histograms; the rows"
                + " are the same in all JVMs, but that negative ones come with the first such value")
        .attribute(
            "Counts",
            long[].class.getName(),
            "Events per bucket, in the order of the values, "
                + scheme.lowText(0)
                + " .. "
                + scheme.highText(scheme.slots() - 1)
                + "; Counts of the same Scheme and length can be added up")
        .attribute("Histogram", LINES, table == null ? ROWS : ROWS + ", of all keys together");
    if (table != null) {
      info.gauge("Keys", "long", "keys", "Distinct combinations of values behind the first one")
          .gauge("Truncated", "long", "keys", "Keys that ByKey leaves out")
          .table(
              "ByKey",
              table.type(),
              "What belongs to each key, the "
                  + MAX_KEYS
                  + " busiest ones; all other attributes are of all keys together");
    }
    return describeInterval(info, table == null ? ROWS : ROWS_BY_KEY)
        .build(HistogramBean.class, "Distribution of a value");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return info;
  }

  @Override
  HistogramSnapshot ask() throws IOException {
    return probe.read();
  }

  @Override
  @Nullable Object value(String attribute, HistogramSnapshot ever, HistogramSnapshot current) {
    return switch (attribute) {
      case "Unit" -> probe.unit();
      case "Sum" -> current.sum();
      case "Min" -> current.min();
      case "Max" -> current.max();
      case "Mean" -> current.mean();
      case "50thPercentile" -> current.quantile(0.5);
      case "75thPercentile" -> current.quantile(0.75);
      case "95thPercentile" -> current.quantile(0.95);
      case "99thPercentile" -> current.quantile(0.99);
      case "999thPercentile" -> current.quantile(0.999);
      case "LatencyFloorNanos" -> probe.latencyFloorNanos();
      case "PercentileError" -> probe.scheme().errorBound();
      case "Scheme" -> probe.scheme().text();
      case "Buckets" -> BucketTable.rows(ever, current);
      case "Counts" -> current.counts();
      case "Histogram" -> array(HistogramText.rows(current, probe.label()));
      case "Keys" -> (long) current.keys().size();
      case "Truncated" -> (long) Math.max(0, current.keys().size() - MAX_KEYS);
      case "ByKey" -> table == null ? null : byKey(table, ever, current);
      default -> null;
    };
  }

  private TabularData byKey(
      KeyTable<KeyedCounts> shown, HistogramSnapshot ever, HistogramSnapshot current) {
    List<Map.Entry<List<String>, KeyedCounts>> rows = new ArrayList<>();
    for (Map.Entry<List<String>, Distribution> key : current.busiest(MAX_KEYS)) {
      rows.add(
          Map.entry(
              key.getKey(), new KeyedCounts(ever, key.getValue().histogram(current.scheme()))));
    }
    return shown.of(rows);
  }

  @Override
  List<String> rows(HistogramSnapshot snapshot) {
    return rows(snapshot, TOP);
  }

  @Override
  List<String> allRows(HistogramSnapshot snapshot) {
    return rows(snapshot, Integer.MAX_VALUE);
  }

  private List<String> rows(HistogramSnapshot snapshot, int keys) {
    return probe.columns().isEmpty()
        ? HistogramText.rows(snapshot, probe.label())
        : KeyedHistogramText.rows(snapshot, probe.columns(), probe.label(), keys);
  }
}
