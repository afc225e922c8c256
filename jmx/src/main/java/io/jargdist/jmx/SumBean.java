/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;
import static io.jargdist.jmx.BeanInfo.TEXT;

import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.snapshot.SumText;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import javax.management.MBeanInfo;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;

/** The MBean of sums. */
final class SumBean extends ProbeBean<SumSnapshot> {
  /** The most rows, which have the largest sums. */
  private static final int MAX_ROWS = FrequencyBean.MAX_ROWS;

  private static final int TOP = 20;
  private static final String ROWS = "rows of the " + TOP + " keys with the largest sums";

  private final SumProbe probe;
  private final KeyTable<Sum> table;
  private final MBeanInfo info;

  SumBean(SumProbe probe, ProbeControl control, MBeans beans, LongSupplier nanoTime) {
    super(probe, control, beans, nanoTime, SumSnapshot.EMPTY);
    this.probe = probe;
    this.table = table(probe.columns());
    this.info = describe(table, probe.unit());
  }

  private static KeyTable<Sum> table(List<KeyColumn> columns) {
    return new KeyTable<>(
        "Sums",
        "Sum",
        "Sums per combination of values",
        columns,
        List.of(
            new KeyTable.Column<>("sum", "of the values, modulo 2^64", SimpleType.LONG, Sum::sum),
            new KeyTable.Column<>("events", "events", SimpleType.LONG, Sum::events)),
        Sum::plus);
  }

  private static MBeanInfo describe(KeyTable<Sum> table, String unit) {
    BeanInfo info =
        describeProbe(new BeanInfo())
            .attribute("Unit", TEXT, "Unit of the values; empty if nothing is known about it")
            .gauge("Sum", "long", unit, "Sum of the values with all keys, modulo 2^64")
            .gauge("Keys", "long", "keys", "Distinct combinations of values")
            .gauge("Truncated", "long", "keys", "Keys that Sums leaves out")
            .table(
                "Sums",
                table.type(),
                "Sums and events per combination of values, the "
                    + MAX_ROWS
                    + " largest sums; cut names the columns whose text goes on behind what is"
                    + " shown")
            .attribute("Top", LINES, ROWS);
    return describeInterval(info, ROWS)
        .build(SumBean.class, "The sum of a value for each combination of others");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return info;
  }

  @Override
  SumSnapshot ask() throws IOException {
    return probe.read();
  }

  @Override
  @Nullable Object value(String attribute, SumSnapshot ever, SumSnapshot current) {
    long keys = current.sums().size();
    return switch (attribute) {
      case "Unit" -> probe.unit();
      case "Sum" -> current.total().sum();
      case "Keys" -> keys;
      case "Truncated" -> Math.max(0, keys - MAX_ROWS);
      case "Sums" -> table.of(current.largest(MAX_ROWS));
      case "Top" -> array(rows(current));
      default -> null;
    };
  }

  @Override
  List<String> rows(SumSnapshot snapshot) {
    return SumText.rows(snapshot, probe.columns(), TOP);
  }

  @Override
  List<String> allRows(SumSnapshot snapshot) {
    return SumText.rows(snapshot, probe.columns());
  }
}
