/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * What was counted by key as JMX has tables: the index is the key, a text column each, named after
 * its expression; then come the columns of what was counted. Without a key there is one row, "total
 * calls", in the column {@code event}. Where there is text, the column {@code cut} names the
 * columns whose text goes on behind what is shown.
 *
 * <p>Text is read as UTF-8, with U+FFFD for other bytes. Keys that look the same then share a row.
 *
 * @param <V> what was counted of a key
 */
final class KeyTable<V> {
  private static final String CUT = "cut";

  private final List<Column<V>> amounts;
  private final BinaryOperator<V> plus;
  private final List<KeyColumn> columns;
  private final List<String> names;
  private final boolean hasText;
  private final TabularType type;

  /**
   * A column of what was counted.
   *
   * @param value in a row
   */
  record Column<V>(String name, String description, OpenType<?> type, Function<V, Object> value) {}

  /** A row without its key. */
  private static final class Row<V> {
    V amount;

    /** Names of columns. */
    final Set<String> cut = new TreeSet<>();

    Row(V amount) {
      this.amount = amount;
    }
  }

  /**
   * @param name of the table
   * @param rowName of the type of its rows
   * @param description of the table
   * @param columns of the key
   * @param plus adds up what shares a row
   */
  KeyTable(
      String name,
      String rowName,
      String description,
      List<KeyColumn> columns,
      List<Column<V>> amounts,
      BinaryOperator<V> plus) {
    this.amounts = List.copyOf(amounts);
    this.plus = plus;
    this.columns = columns;
    this.names = names(columns, amounts.stream().map(Column::name).toList());
    this.hasText = columns.stream().anyMatch(KeyColumn::text);
    this.type = type(name, rowName, description);
  }

  TabularType type() {
    return type;
  }

  /** Returns a name for each column of the key, none empty, none twice. */
  private static List<String> names(List<KeyColumn> columns, Collection<String> others) {
    Set<String> taken = new HashSet<>(others);
    taken.add(CUT);
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

  private TabularType type(String name, String rowName, String description) {
    List<String> items = new ArrayList<>(names);
    List<String> descriptions = new ArrayList<>(names);
    List<OpenType<?>> types = new ArrayList<>(Collections.nCopies(names.size(), SimpleType.STRING));
    for (Column<V> amount : amounts) {
      items.add(amount.name());
      descriptions.add(amount.description());
      types.add(amount.type());
    }
    if (hasText) {
      items.add(CUT);
      descriptions.add("names of the columns whose text goes on behind what is shown");
      types.add(SimpleType.STRING);
    }
    try {
      CompositeType row =
          new CompositeType(
              rowName,
              "A combination of values",
              items.toArray(new String[0]),
              descriptions.toArray(new String[0]),
              types.toArray(new OpenType<?>[0]));
      return new TabularType(name, description, row, names.toArray(new String[0]));
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a table of these rows, in their order. */
  TabularData of(List<Map.Entry<List<String>, V>> counted) {
    Map<List<String>, Row<V>> rows = new LinkedHashMap<>();
    for (Map.Entry<List<String>, V> entry : counted) {
      List<String> shown = shown(entry.getKey());
      Row<V> row = rows.get(shown);
      if (row == null) {
        row = new Row<>(entry.getValue());
        rows.put(shown, row);
      } else {
        row.amount = plus.apply(row.amount, entry.getValue());
      }
      row.cut.addAll(cut(entry.getKey()));
    }
    TabularData table = new TabularDataSupport(type);
    for (Map.Entry<List<String>, Row<V>> row : rows.entrySet()) {
      Map<String, Object> items = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        items.put(names.get(i), row.getKey().get(i));
      }
      for (Column<V> amount : amounts) {
        items.put(amount.name(), amount.value().apply(row.getValue().amount));
      }
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
