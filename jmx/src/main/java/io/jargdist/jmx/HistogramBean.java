/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;
import static io.jargdist.jmx.BeanInfo.TEXT;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import javax.management.MBeanInfo;
import org.jspecify.annotations.Nullable;

/**
 * The MBean of a histogram.
 *
 * <p>Min, Max, Mean and the percentiles are NaN without events: a client can tell that from a value
 * of 0. {@link HistogramSnapshot} states how exact they are.
 */
final class HistogramBean extends ProbeBean<HistogramSnapshot> {
  private static final String ROWS = "argdist's rows";

  private final HistogramProbe probe;
  private final MBeanInfo info;

  HistogramBean(HistogramProbe probe, ProbeControl control, MBeans beans, LongSupplier nanoTime) {
    super(probe, control, beans, nanoTime, HistogramSnapshot.empty(probe.scheme()));
    this.probe = probe;
    this.info = describe(probe.unit(), probe.scheme());
  }

  private static MBeanInfo describe(String unit, BucketScheme scheme) {
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
        .attribute("Histogram", LINES, ROWS);
    return describeInterval(info, ROWS).build(HistogramBean.class, "Distribution of a value");
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
      case "Histogram" -> array(rows(current));
      default -> null;
    };
  }

  @Override
  List<String> rows(HistogramSnapshot snapshot) {
    return HistogramText.rows(snapshot, probe.label());
  }
}
