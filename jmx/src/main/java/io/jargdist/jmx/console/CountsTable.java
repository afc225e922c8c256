/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Component;
import java.awt.FontMetrics;
import java.awt.Insets;
import java.awt.Rectangle;
import java.awt.event.MouseEvent;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JTable;
import javax.swing.SwingConstants;
import javax.swing.table.DefaultTableCellRenderer;
import javax.swing.table.TableColumn;
import javax.swing.table.TableColumnModel;
import javax.swing.table.TableRowSorter;
import org.jspecify.annotations.Nullable;

/** The counts as numbers; a click on a header sorts by that column. */
final class CountsTable extends JTable {
  private final CountsTableModel counts;
  private final FittedKeys keys = new FittedKeys();

  CountsTable() {
    this(new CountsTableModel());
  }

  private CountsTable(CountsTableModel counts) {
    super(counts);
    this.counts = counts;
    setName("jargdist.counts");
    setAutoCreateColumnsFromModel(false);
    setFillsViewportHeight(true);
    setShowVerticalLines(false);
    TableRowSorter<CountsTableModel> sorter = new TableRowSorter<>(counts);
    sorter.setSortsOnUpdates(true);
    setRowSorter(sorter);
    FontMetrics metrics = getFontMetrics(getFont());
    setRowHeight(metrics.getHeight() + 2);
    TableColumnModel columns = getColumnModel();
    fit(columns.getColumn(CountsTableModel.LABEL), metrics, "16,777,216 \u2013 33,554,431");
    for (int column = CountsTableModel.COUNT; column <= CountsTableModel.UP_TO; column++) {
      TableColumn numbers = columns.getColumn(column);
      fit(numbers, metrics, column == CountsTableModel.COUNT ? "99,999,999" : "100.0 %");
      // Keys can be shortened so that they say what matters, numbers cannot.
      numbers.setMinWidth(numbers.getPreferredWidth());
    }
    setDefaultRenderer(CountsTableModel.Label.class, new KeyCell());
    if (getTableHeader().getDefaultRenderer() instanceof JComponent renderer) {
      Palette.plain(renderer);
    }
    Tip.set(
        getTableHeader(), "Click to sort; \"up to\" is the share of this row and those before it");
    setDefaultRenderer(Long.class, new NumberCell());
    setDefaultRenderer(Double.class, new NumberCell());
  }

  /** Returns the width that all columns need. */
  int columnsWidth() {
    int width = 0;
    for (int column = 0; column < getColumnCount(); column++) {
      width += getColumnModel().getColumn(column).getPreferredWidth();
    }
    return width;
  }

  private static void fit(TableColumn column, FontMetrics metrics, String text) {
    column.setPreferredWidth(metrics.stringWidth(text) + 16);
  }

  /**
   * @param what a row is of
   * @param amount what its number is
   */
  void show(String what, String amount, List<CountRow> rows) {
    keys.show(rows);
    counts.show(what, amount, rows);
    getColumnModel().getColumn(CountsTableModel.LABEL).setHeaderValue(what);
    getColumnModel().getColumn(CountsTableModel.COUNT).setHeaderValue(amount);
    getTableHeader().repaint();
  }

  @Override
  public @Nullable String getToolTipText(MouseEvent event) {
    int row = rowAtPoint(event.getPoint());
    return row < 0
        ? null
        : Tip.of(String.valueOf(counts.getValueAt(convertRowIndexToModel(row), 0)));
  }

  /** A cell that shows whether it is selected in each look and feel. */
  private static class Cell extends DefaultTableCellRenderer {
    Cell() {
      Palette.plain(this);
    }

    @Override
    public Component getTableCellRendererComponent(
        JTable table, Object value, boolean selected, boolean focused, int row, int column) {
      super.getTableCellRendererComponent(table, value, selected, focused, row, column);
      Palette palette =
          selected
              ? Palette.of(table.getSelectionBackground(), table.getSelectionForeground())
              : Palette.of(table.getBackground(), table.getForeground());
      setBackground(palette.background());
      setForeground(palette.text());
      return this;
    }
  }

  private static final class NumberCell extends Cell {
    NumberCell() {
      setHorizontalAlignment(SwingConstants.RIGHT);
    }

    @Override
    protected void setValue(Object value) {
      setBorder(BorderFactory.createEmptyBorder(0, 2, 0, 4));
      setText(value instanceof Long count ? Numbers.count(count) : Numbers.percent((Double) value));
    }
  }

  private final class KeyCell extends Cell {
    @Override
    public Component getTableCellRendererComponent(
        JTable table, Object value, boolean selected, boolean focused, int row, int column) {
      super.getTableCellRendererComponent(table, value, selected, focused, row, column);
      Rectangle cell = table.getCellRect(row, column, false);
      Insets insets = getInsets();
      if (value instanceof CountsTableModel.Label label) {
        setText(
            keys.in(getFontMetrics(getFont()), cell.width - insets.left - insets.right)
                .getOrDefault(label.key(), label.toString()));
      }
      return this;
    }
  }
}
