/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.KeyColumn;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import javax.management.MBeanInfo;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;

/** The MBean of a frequency table. */
final class FrequencyBean extends ProbeBean<FrequencySnapshot> {
  /** The most rows, which have the most frequent keys: 10 000 rows are 1.2 MB by RMI. */
  static final int MAX_ROWS = 1000;

  private static final int TOP = 20;
  private static final String ROWS = "argdist's rows of the " + TOP + " most frequent keys";

  private final FrequencyProbe probe;
  private final KeyTable<Long> table;
  private final KeyTable<Long> openTable;
  private final MBeanInfo info;

  FrequencyBean(FrequencyProbe probe, ProbeControl control, MBeans beans, LongSupplier nanoTime) {
    super(probe, control, beans, nanoTime, FrequencySnapshot.EMPTY);
    this.probe = probe;
    this.table = table(probe.columns());
    this.openTable = openTable(probe.columns());
    this.info = describe(table, openTable);
  }

  private static KeyTable<Long> table(List<KeyColumn> columns) {
    return new KeyTable<>(
        "Frequencies",
        "Frequency",
        "Events per combination of values",
        columns,
        List.of(new KeyTable.Column<>("value", "events", SimpleType.LONG, events -> events)),
        Long::sum);
  }

  private static KeyTable<Long> openTable(List<KeyColumn> columns) {
    return new KeyTable<>(
        "OpenByKey",
        "OpenPairs",
        "Open pairs per combination of values",
        columns,
        List.of(new KeyTable.Column<>("open", "pairs", SimpleType.LONG, pairs -> pairs)),
        Long::sum);
  }

  private static MBeanInfo describe(KeyTable<Long> table, KeyTable<Long> openTable) {
    BeanInfo info =
        describeProbe(new BeanInfo())
            .gauge("Keys", "long", "keys", "Distinct combinations of values")
            .gauge("Truncated", "long", "keys", "Keys that Frequencies leaves out")
            .table(
                "Frequencies",
                table.type(),
                "Events per combination of values, the "
                    + MAX_ROWS
                    + " most frequent ones; cut names the columns whose text goes on behind what is shown")
            .table(
                "OpenByKey",
                openTable.type(),
                "Pairs that have begun and not ended, the "
                    + MAX_ROWS
                    + " most frequent keys; empty unless the first event knows the whole key, null if the bridge does not answer")
            .attribute("Top", LINES, ROWS);
    return describeInterval(info, ROWS)
        .build(FrequencyBean.class, "How often each combination of values occurs");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return info;
  }

  @Override
  FrequencySnapshot ask() throws IOException {
    return probe.read();
  }

  @Override
  @Nullable Object value(String attribute, FrequencySnapshot ever, FrequencySnapshot current) {
    long keys = current.counts().size();
    return switch (attribute) {
      case "Keys" -> keys;
      case "Truncated" -> Math.max(0, keys - MAX_ROWS);
      case "Frequencies" -> table.of(current.mostFrequent(MAX_ROWS));
      case "OpenByKey" -> openByKey();
      case "Top" -> array(rows(current));
      default -> null;
    };
  }

  private @Nullable Object openByKey() {
    try {
      return openTable.of(probe.readOpen().mostFrequent(MAX_ROWS));
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  List<String> rows(FrequencySnapshot snapshot) {
    return FrequencyText.rows(snapshot, probe.columns(), TOP);
  }

  @Override
  List<String> allRows(FrequencySnapshot snapshot) {
    return FrequencyText.rows(snapshot, probe.columns());
  }
}
