/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JTable;
import javax.swing.SwingConstants;
import javax.swing.table.DefaultTableCellRenderer;
import javax.swing.table.TableColumnModel;
import javax.swing.table.TableRowSorter;

/** The counts as numbers; a click on a header sorts by that column. */
final class CountsTable extends JTable {
  private final CountsTableModel counts;

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
    TableColumnModel columns = getColumnModel();
    columns.getColumn(CountsTableModel.LABEL).setPreferredWidth(130);
    columns.getColumn(CountsTableModel.COUNT).setPreferredWidth(75);
    columns.getColumn(CountsTableModel.SHARE).setPreferredWidth(70);
    columns.getColumn(CountsTableModel.UP_TO).setPreferredWidth(70);
    setDefaultRenderer(CountsTableModel.Label.class, Palette.plain(new DefaultTableCellRenderer()));
    if (getTableHeader().getDefaultRenderer() instanceof JComponent renderer) {
      Palette.plain(renderer);
    }
    setDefaultRenderer(Long.class, rightAligned());
    setDefaultRenderer(Double.class, rightAligned());
  }

  void show(String what, List<CountRow> rows) {
    counts.show(what, rows);
    getColumnModel().getColumn(0).setHeaderValue(what);
    getTableHeader().repaint();
    getTableHeader()
        .setToolTipText("Click to sort; \"up to\" is the share of this row and those before it");
  }

  private static DefaultTableCellRenderer rightAligned() {
    DefaultTableCellRenderer renderer =
        new DefaultTableCellRenderer() {
          @Override
          protected void setValue(Object value) {
            setBorder(BorderFactory.createEmptyBorder(0, 2, 0, 4));
            setText(
                value instanceof Long count
                    ? Numbers.count(count)
                    : Numbers.percent((Double) value));
          }
        };
    renderer.setHorizontalAlignment(SwingConstants.RIGHT);
    return renderer;
  }
}
