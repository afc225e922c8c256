/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.KeyColumn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * A frequency table as JMX has tables: the index is the key, a text column each, named after its
 * expression; column {@code value} the number of events. A probe that only counts calls has one
 * row, "total calls", in the column {@code event}.
 *
 * <p>Text is read as UTF-8, with U+FFFD for what is none; keys that look the same then share a row.
 */
final class FrequencyTable {
  /** How many of the most frequent keys make rows: 10 000 rows are 1.2 MB by RMI. */
  static final int MAX_ROWS = 1000;

  private static final String VALUE = "value";

  private final List<KeyColumn> columns;
  private final String[] names;
  private final TabularType type;

  FrequencyTable(List<KeyColumn> columns) {
    this.columns = columns;
    this.names = names(columns);
    this.type = type(names);
  }

  TabularType type() {
    return type;
  }

  /** A name for each column of the key, none empty, none twice; then that of the count. */
  private static String[] names(List<KeyColumn> columns) {
    Set<String> taken = new HashSet<>(Set.of(VALUE));
    List<String> names = new ArrayList<>();
    if (columns.isEmpty()) {
      names.add("event");
    }
    for (KeyColumn column : columns) {
      String expression = column.expression().isBlank() ? "key" : column.expression();
      String name = expression;
      for (int i = 2; !taken.add(name); i++) {
        name = expression + "-" + i;
      }
      names.add(name);
    }
    names.add(VALUE);
    return names.toArray(new String[0]);
  }

  private static TabularType type(String[] names) {
    OpenType<?>[] types = new OpenType<?>[names.length];
    Arrays.fill(types, SimpleType.STRING);
    types[names.length - 1] = SimpleType.LONG;
    String[] descriptions = names.clone();
    descriptions[names.length - 1] = "events";
    String[] index = Arrays.copyOf(names, names.length - 1);
    try {
      CompositeType row =
          new CompositeType("Frequency", "A combination of values", names, descriptions, types);
      return new TabularType("Frequencies", "Events per combination of values", row, index);
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The most frequent keys first. */
  TabularData rows(FrequencySnapshot snapshot) {
    Map<List<Object>, Long> rows = new LinkedHashMap<>();
    for (Map.Entry<List<String>, Long> entry : snapshot.mostFrequent(MAX_ROWS)) {
      List<Object> key = shown(entry.getKey());
      rows.put(key, rows.getOrDefault(key, 0L) + entry.getValue());
    }
    TabularData table = new TabularDataSupport(type);
    for (Map.Entry<List<Object>, Long> row : rows.entrySet()) {
      Object[] values = row.getKey().toArray(new Object[names.length]);
      values[names.length - 1] = row.getValue();
      try {
        table.put(new CompositeDataSupport(type.getRowType(), names, values));
      } catch (OpenDataException e) {
        throw new IllegalStateException(e);
      }
    }
    return table;
  }

  private List<Object> shown(List<String> key) {
    List<Object> shown = new ArrayList<>();
    if (columns.isEmpty()) {
      shown.add("total calls");
    }
    for (int i = 0; i < columns.size(); i++) {
      String value = key.get(i);
      shown.add(
          columns.get(i).text()
              ? new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
              : value);
    }
    return shown;
  }
}
