/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.event.MouseEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import javax.swing.JPanel;
import javax.swing.JTable;
import javax.swing.ToolTipManager;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HeatMap}: time goes to the right, large values are at the top, and the more events per
 * second, the stronger the colour. A red mark is above each interval that lost events.
 */
final class HeatMapView extends JPanel {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final int GAP = 8;
  private static final int MARK = 5;
  private static final int COLUMN = 8;

  private @Nullable HeatMap map;
  private String empty = "";

  HeatMapView() {
    setName("jargdist.heatmap");
    setFont(new JTable().getFont());
    ToolTipManager.sharedInstance().registerComponent(this);
  }

  /**
   * @param empty what to show without a map
   */
  void show(@Nullable HeatMap newMap, String empty) {
    this.map = newMap;
    this.empty = empty;
    getAccessibleContext()
        .setAccessibleDescription(
            newMap == null
                ? empty
                : newMap.columns() + " intervals, " + newMap.rows() + " buckets");
    repaint();
  }

  /** Returns the meaning of the colours. */
  String legend() {
    HeatMap shown = map;
    return shown == null
        ? ""
        : "Over time: the "
            + Palette.ofTable().stronger()
            + ", the more events a second (at most "
            + Numbers.perSecond(shown.maxPerSecond())
            + " in a cell)";
  }

  @Override
  public Dimension getPreferredSize() {
    return new Dimension(420, 10 * getFontMetrics(getFont()).getHeight());
  }

  /** The area of the cells. */
  private record Area(int left, int top, int width, int height, int columns, int first, int rows) {
    int x(int column) {
      return left + width - (columns - (column - first)) * COLUMN;
    }

    int y(int row) {
      return top + height - height * (row + 1) / rows;
    }

    int bottom(int row) {
      return top + height - height * row / rows;
    }
  }

  private Area area(HeatMap shown, FontMetrics metrics) {
    int labels = 0;
    for (int row = 0; row < shown.rows(); row++) {
      labels = Math.max(labels, metrics.stringWidth(shown.rowLabel(row)));
    }
    int left = labels + 2 * GAP;
    int top = GAP + MARK;
    int width = Math.max(COLUMN, getWidth() - left - GAP);
    int height = Math.max(shown.rows(), getHeight() - top - metrics.getHeight() - GAP);
    int columns = Math.min(shown.columns(), width / COLUMN);
    return new Area(left, top, width, height, columns, shown.columns() - columns, shown.rows());
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    Palette palette = Palette.ofTable();
    Graphics2D g = Palette.smooth(graphics);
    g.setColor(palette.background());
    g.fillRect(0, 0, getWidth(), getHeight());
    FontMetrics metrics = g.getFontMetrics();
    HeatMap shown = map;
    if (shown == null) {
      g.setColor(palette.faint());
      Palette.draw(g, empty, GAP, getWidth() - 2 * GAP);
    } else {
      Area area = area(shown, metrics);
      paintCells(g, shown, area, palette);
      paintAxes(g, shown, area, palette);
    }
    g.dispose();
  }

  private void paintCells(Graphics2D g, HeatMap shown, Area area, Palette palette) {
    for (int column = area.first(); column < shown.columns(); column++) {
      for (int row = 0; row < shown.rows(); row++) {
        double strength = shown.strength(column, row);
        if (strength > 0) {
          g.setColor(Palette.mix(palette.background(), palette.accent(), strength));
          int y = area.y(row);
          g.fillRect(area.x(column), y, COLUMN - 1, Math.max(1, area.bottom(row) - y - 1));
        }
      }
      if (shown.lost(column) > 0) {
        g.setColor(palette.lost());
        g.fillRect(area.x(column), area.top() - MARK, COLUMN - 1, MARK - 2);
      }
    }
  }

  private void paintAxes(Graphics2D g, HeatMap shown, Area area, Palette palette) {
    FontMetrics metrics = g.getFontMetrics();
    g.setColor(palette.grid());
    g.drawLine(area.left() - 2, area.top(), area.left() - 2, area.top() + area.height());
    g.drawLine(
        area.left() - 2,
        area.top() + area.height(),
        area.left() + area.width(),
        area.top() + area.height());
    g.setColor(palette.faint());
    int step =
        Math.max(1, (metrics.getHeight() * shown.rows() + area.height() - 1) / area.height());
    for (int row = 0; row < shown.rows(); row += step) {
      String label = shown.rowLabel(row);
      int middle = (area.y(row) + area.bottom(row)) / 2;
      g.drawString(
          label,
          area.left() - GAP - metrics.stringWidth(label),
          middle + metrics.getAscent() / 2 - 1);
    }
    int baseline = area.top() + area.height() + metrics.getAscent() + 2;
    String newest = TIME.format(shown.end(shown.columns() - 1));
    int width = metrics.stringWidth(newest);
    int end = area.left() + area.width();
    g.drawString(newest, end - width, baseline);
    int oldestX = area.x(area.first());
    if (oldestX + width + 2 * GAP < end - width) {
      g.drawString(TIME.format(shown.end(area.first())), oldestX, baseline);
    }
  }

  @Override
  public @Nullable String getToolTipText(MouseEvent event) {
    HeatMap shown = map;
    if (shown == null) {
      return null;
    }
    Area area = area(shown, getFontMetrics(getFont()));
    int column = area.first() + (event.getX() - area.x(area.first())) / COLUMN;
    if (event.getX() < area.x(area.first()) || column >= shown.columns()) {
      return null;
    }
    Instant end = shown.end(column);
    String lost = shown.lost(column) > 0 ? ", " + Numbers.count(shown.lost(column)) + " lost" : "";
    for (int row = 0; row < shown.rows(); row++) {
      if (event.getY() >= area.y(row) && event.getY() < area.bottom(row)) {
        String count = Numbers.count(shown.count(column, row));
        return Tip.of(TIME.format(end) + ": " + count + " of " + shown.bucket(row) + lost);
      }
    }
    return Tip.of(TIME.format(end) + lost);
  }
}
