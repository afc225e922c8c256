/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.event.MouseEvent;
import java.util.List;
import java.util.Map;
import javax.swing.JPanel;
import javax.swing.JTable;
import javax.swing.Scrollable;
import javax.swing.SwingConstants;
import javax.swing.ToolTipManager;
import org.jspecify.annotations.Nullable;

/** Rows of counts as horizontal bars, each with its label before and its count behind it. */
final class BarsView extends JPanel implements Scrollable {
  private static final int GAP = 8;
  private static final int MAX_LABEL_EMS = 40;

  private List<CountRow> rows = List.of();
  private final FittedKeys keys = new FittedKeys();
  private String empty = "";

  BarsView() {
    setName("jargdist.bars");
    setFont(new JTable().getFont());
    ToolTipManager.sharedInstance().registerComponent(this);
  }

  /**
   * @param empty what to show if there are no rows
   */
  void show(List<CountRow> newRows, String empty) {
    boolean resized = rows.size() != newRows.size();
    this.rows = newRows;
    keys.show(newRows);
    this.empty = empty;
    getAccessibleContext().setAccessibleDescription(description());
    if (resized) {
      revalidate();
    }
    repaint();
  }

  private String description() {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(row.label()).append(": ").append(row.count()).append('\n'));
    return text.isEmpty() ? empty : text.toString();
  }

  private int rowHeight() {
    return getFontMetrics(getFont()).getHeight() + 2;
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    Palette palette = Palette.ofTable();
    Graphics2D g = Palette.smooth(graphics);
    g.setColor(palette.background());
    g.fillRect(0, 0, getWidth(), getHeight());
    FontMetrics metrics = g.getFontMetrics();
    if (rows.isEmpty()) {
      g.setColor(palette.faint());
      Palette.draw(g, empty, GAP, getWidth() - 2 * GAP);
      g.dispose();
      return;
    }
    double most = 1;
    int labelWidth = 0;
    int countWidth = 0;
    for (CountRow row : rows) {
      most = Math.max(most, Math.abs((double) row.count()));
      countWidth = Math.max(countWidth, metrics.stringWidth(Numbers.count(row.count())));
    }
    Map<List<String>, String> labels = labels(metrics);
    for (String label : labels.values()) {
      labelWidth = Math.max(labelWidth, metrics.stringWidth(label));
    }
    int left = labelWidth + 2 * GAP;
    int room = Math.max(10, getWidth() - left - countWidth - 2 * GAP);
    int height = rowHeight();
    int y = GAP / 2;
    for (CountRow row : rows) {
      int baseline = y + (height - metrics.getHeight()) / 2 + metrics.getAscent();
      String label = labels.getOrDefault(row.key(), "");
      g.setColor(palette.text());
      g.drawString(label, GAP + labelWidth - metrics.stringWidth(label), baseline);
      int width = (int) Math.round(room * Math.abs((double) row.count()) / most);
      g.setColor(row.count() < 0 ? palette.lost() : palette.accent());
      g.fillRect(left, y + 1, row.count() == 0 ? 0 : Math.max(1, width), height - 2);
      g.setColor(row.count() == 0 ? palette.faint() : palette.text());
      g.drawString(Numbers.count(row.count()), left + width + GAP / 2, baseline);
      y += height;
    }
    g.setColor(palette.grid());
    g.drawLine(left - 1, 0, left - 1, Math.min(y + GAP / 2, getHeight()));
    g.dispose();
  }

  /** Each key as it is shown: at most half of the width is for them. */
  Map<List<String>, String> labels(FontMetrics metrics) {
    return keys.in(metrics, Math.min(MAX_LABEL_EMS * metrics.charWidth('m'), getWidth() / 2));
  }

  @Override
  public @Nullable String getToolTipText(MouseEvent event) {
    int index = (event.getY() - GAP / 2) / rowHeight();
    if (index < 0 || index >= rows.size()) {
      return null;
    }
    CountRow row = rows.get(index);
    return Tip.of(
        Numbers.count(row.count()) + " (" + Numbers.percent(row.share()) + "): " + row.label());
  }

  @Override
  public Dimension getPreferredSize() {
    return new Dimension(300, Math.max(1, rows.size()) * rowHeight() + 2 * GAP);
  }

  @Override
  public Dimension getPreferredScrollableViewportSize() {
    return new Dimension(300, 12 * rowHeight());
  }

  @Override
  public int getScrollableUnitIncrement(Rectangle visible, int orientation, int direction) {
    return rowHeight();
  }

  @Override
  public int getScrollableBlockIncrement(Rectangle visible, int orientation, int direction) {
    return orientation == SwingConstants.VERTICAL ? visible.height : visible.width;
  }

  @Override
  public boolean getScrollableTracksViewportWidth() {
    return true;
  }

  @Override
  public boolean getScrollableTracksViewportHeight() {
    return getParent() != null && getParent().getHeight() > getPreferredSize().height;
  }
}
