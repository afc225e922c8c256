/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
 * row, "total calls", in the column {@code event}. Where there is text, the column {@code cut}
 * names the columns whose text goes on behind what is shown.
 *
 * <p>Text is read as UTF-8, with U+FFFD for other bytes. Keys that look the same then share a row.
 */
final class FrequencyTable {
  /** The most rows, which have the most frequent keys: 10 000 rows are 1.2 MB by RMI. */
  static final int MAX_ROWS = 1000;

  private static final String VALUE = "value";
  private static final String CUT = "cut";

  private final List<KeyColumn> columns;
  private final List<String> names;
  private final boolean hasText;
  private final TabularType type;

  /** The content of a row besides its key. */
  private static final class Row {
    long events;

    /** Names of columns. */
    final Set<String> cut = new TreeSet<>();
  }

  FrequencyTable(List<KeyColumn> columns) {
    this.columns = columns;
    this.names = names(columns);
    this.hasText = columns.stream().anyMatch(KeyColumn::text);
    this.type = type(names, hasText);
  }

  TabularType type() {
    return type;
  }

  /** Returns a name for each column of the key, none empty, none twice. */
  private static List<String> names(List<KeyColumn> columns) {
    Set<String> taken = new HashSet<>(Set.of(VALUE, CUT));
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
    return names;
  }

  private static TabularType type(List<String> names, boolean hasText) {
    List<String> items = new ArrayList<>(names);
    List<String> descriptions = new ArrayList<>(names);
    List<OpenType<?>> types = new ArrayList<>(Collections.nCopies(names.size(), SimpleType.STRING));
    items.add(VALUE);
    descriptions.add("events");
    types.add(SimpleType.LONG);
    if (hasText) {
      items.add(CUT);
      descriptions.add("names of the columns whose text goes on behind what is shown");
      types.add(SimpleType.STRING);
    }
    try {
      CompositeType row =
          new CompositeType(
              "Frequency",
              "A combination of values",
              items.toArray(new String[0]),
              descriptions.toArray(new String[0]),
              types.toArray(new OpenType<?>[0]));
      return new TabularType(
          "Frequencies", "Events per combination of values", row, names.toArray(new String[0]));
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The most frequent keys first. */
  TabularData rows(FrequencySnapshot snapshot) {
    Map<List<String>, Row> rows = new LinkedHashMap<>();
    for (Map.Entry<List<String>, Long> entry : snapshot.mostFrequent(MAX_ROWS)) {
      Row row = rows.computeIfAbsent(shown(entry.getKey()), key -> new Row());
      row.events += entry.getValue();
      row.cut.addAll(cut(entry.getKey()));
    }
    TabularData table = new TabularDataSupport(type);
    for (Map.Entry<List<String>, Row> row : rows.entrySet()) {
      Map<String, Object> items = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        items.put(names.get(i), row.getKey().get(i));
      }
      items.put(VALUE, row.getValue().events);
      if (hasText) {
        items.put(CUT, String.join(", ", row.getValue().cut));
      }
      try {
        table.put(new CompositeDataSupport(type.getRowType(), items));
      } catch (OpenDataException e) {
        throw new IllegalStateException(e);
      }
    }
    return table;
  }

  private List<String> cut(List<String> key) {
    List<String> cut = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).text() && KeyText.of(key.get(i)).cut()) {
        cut.add(names.get(i));
      }
    }
    return cut;
  }

  private List<String> shown(List<String> key) {
    List<String> shown = new ArrayList<>();
    if (columns.isEmpty()) {
      shown.add("total calls");
    }
    for (int i = 0; i < columns.size(); i++) {
      String value = key.get(i);
      shown.add(
          columns.get(i).text()
              ? new String(
                  KeyText.of(value).bytes().getBytes(StandardCharsets.ISO_8859_1),
                  StandardCharsets.UTF_8)
              : value);
    }
    return shown;
  }
}
