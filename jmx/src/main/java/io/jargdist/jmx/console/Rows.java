/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Component;
import java.awt.Dimension;
import java.awt.Insets;
import java.util.ArrayList;
import java.util.List;
import javax.swing.JPanel;

/**
 * Components side by side, in as many rows as the width makes necessary: none is ever cut, unless
 * it is wider than the whole. The first ones are where a line of text begins, those after {@link
 * #split} where it ends if there is but one row.
 */
final class Rows extends JPanel {
  private final int gap;
  private int split = Integer.MAX_VALUE;

  Rows(int gap) {
    super(null);
    this.gap = gap;
  }

  /** Sends what is added from here on to the end of its row. */
  void split() {
    split = getComponentCount();
  }

  private List<List<Component>> rows(int width) {
    List<List<Component>> rows = new ArrayList<>();
    int used = 0;
    for (Component component : getComponents()) {
      int needed = component.getPreferredSize().width;
      if (rows.isEmpty() || used + gap + needed > width) {
        rows.add(new ArrayList<>());
        used = needed;
      } else {
        used += gap + needed;
      }
      rows.get(rows.size() - 1).add(component);
    }
    return rows;
  }

  private static int height(List<Component> row) {
    return row.stream().mapToInt(component -> component.getPreferredSize().height).max().orElse(0);
  }

  private int inner(int width) {
    return width - getInsets().left - getInsets().right;
  }

  @Override
  public Dimension getPreferredSize() {
    int width = getWidth() > 0 ? getWidth() : getParent() == null ? 0 : getParent().getWidth();
    List<List<Component>> rows = rows(width > 0 ? inner(width) : Integer.MAX_VALUE);
    Insets insets = getInsets();
    int height = insets.top + insets.bottom + gap * Math.max(0, rows.size() - 1);
    int widest = 0;
    for (List<Component> row : rows) {
      height += height(row);
      widest = Math.max(widest, used(row));
    }
    return new Dimension(widest + insets.left + insets.right, height);
  }

  /** One component has to have room. */
  @Override
  public Dimension getMinimumSize() {
    return new Dimension(0, getPreferredSize().height);
  }

  private int used(List<Component> row) {
    int used = -gap;
    for (Component component : row) {
      used += gap + component.getPreferredSize().width;
    }
    return Math.max(0, used);
  }

  @Override
  public void doLayout() {
    int width = inner(getWidth());
    int y = getInsets().top;
    int index = 0;
    for (List<Component> row : rows(width)) {
      int x = 0;
      for (Component component : row) {
        if (index++ == split) {
          x += Math.max(0, width - used(row));
        }
        int taken = Math.min(component.getPreferredSize().width, width);
        boolean fromLeft = getComponentOrientation().isLeftToRight();
        component.setBounds(
            getInsets().left + (fromLeft ? x : width - x - taken), y, taken, height(row));
        x += taken + gap;
      }
      y += height(row) + gap;
    }
  }

  /** The number of rows depends on the width. */
  @Override
  @SuppressWarnings("deprecation")
  public void reshape(int x, int y, int width, int height) {
    boolean changed = width != getWidth();
    super.reshape(x, y, width, height);
    if (changed) {
      revalidate();
    }
  }
}
