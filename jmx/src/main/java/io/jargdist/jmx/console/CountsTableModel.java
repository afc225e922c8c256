/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.util.List;
import javax.swing.table.AbstractTableModel;

/** Rows of counts as a table whose columns can be sorted by their values. */
final class CountsTableModel extends AbstractTableModel {
  static final int LABEL = 0;
  static final int COUNT = 1;
  static final int SHARE = 2;
  static final int UP_TO = 3;

  private String what = "bucket";
  private String amount = "count";
  private List<CountRow> rows = List.of();

  /** The label of a row. Labels are sorted by the order of the buckets or keys. */
  record Label(List<String> key, int order) implements Comparable<Label> {
    static Label of(CountRow row) {
      return new Label(row.key(), row.order());
    }

    @Override
    public int compareTo(Label other) {
      return Integer.compare(order, other.order);
    }

    @Override
    public String toString() {
      return String.join(", ", key);
    }
  }

  /**
   * @param newWhat what a row is of, the header of the first column
   * @param newAmount the header of the second one
   */
  void show(String newWhat, String newAmount, List<CountRow> newRows) {
    boolean renamed = !what.equals(newWhat) || !amount.equals(newAmount);
    boolean resized = rows.size() != newRows.size();
    what = newWhat;
    amount = newAmount;
    rows = List.copyOf(newRows);
    if (renamed) {
      fireTableStructureChanged();
    } else if (resized) {
      fireTableDataChanged();
    } else if (!rows.isEmpty()) {
      // Keeps the selection.
      fireTableRowsUpdated(0, rows.size() - 1);
    }
  }

  @Override
  public int getRowCount() {
    return rows.size();
  }

  @Override
  public int getColumnCount() {
    return 4;
  }

  @Override
  public String getColumnName(int column) {
    return switch (column) {
      case LABEL -> what;
      case COUNT -> amount;
      case SHARE -> "share";
      default -> "up to";
    };
  }

  @Override
  public Class<?> getColumnClass(int column) {
    return switch (column) {
      case LABEL -> Label.class;
      case COUNT -> Long.class;
      default -> Double.class;
    };
  }

  @Override
  public Object getValueAt(int row, int column) {
    CountRow shown = rows.get(row);
    return switch (column) {
      case LABEL -> Label.of(shown);
      case COUNT -> shown.count();
      case SHARE -> shown.share();
      default -> shown.upTo();
    };
  }
}
