/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.GridLayout;
import java.awt.Rectangle;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.JPanel;
import javax.swing.Scrollable;
import javax.swing.SwingConstants;

/** The histograms of several keys, with the same rows, so that they can be compared. */
final class SideBySide extends JPanel implements Scrollable {
  /** As many as are still readable. */
  static final int MOST = 4;

  /** The least width of a chart: what does not fit is scrolled. */
  private static final int LEAST_WIDTH = 170;

  SideBySide() {
    setName("jargdist.side-by-side");
    setBackground(Palette.ofTable().background());
  }

  /**
   * @param keys the first ones are shown
   */
  void show(List<KeyList.Item> keys) {
    List<KeyList.Item> shown = keys.subList(0, Math.min(MOST, keys.size()));
    if (getComponentCount() != shown.size()) {
      removeAll();
      setLayout(new GridLayout(1, shown.size(), 4, 0));
      shown.forEach(key -> add(new OfKey()));
      revalidate();
    }
    var together =
        shown.stream().map(KeyList.Item::histogram).reduce((a, b) -> a.plus(b)).orElseThrow();
    for (int i = 0; i < shown.size(); i++) {
      ((OfKey) getComponent(i)).show(shown.get(i), CountRow.of(shown.get(i).histogram(), together));
    }
  }

  @Override
  public Dimension getPreferredSize() {
    return new Dimension(getComponentCount() * LEAST_WIDTH, super.getPreferredSize().height);
  }

  @Override
  public Dimension getPreferredScrollableViewportSize() {
    return getPreferredSize();
  }

  @Override
  public int getScrollableUnitIncrement(Rectangle visible, int orientation, int direction) {
    return getFontMetrics(getFont()).getHeight();
  }

  @Override
  public int getScrollableBlockIncrement(Rectangle visible, int orientation, int direction) {
    return orientation == SwingConstants.VERTICAL ? visible.height : visible.width;
  }

  @Override
  public boolean getScrollableTracksViewportWidth() {
    return getParent() != null && getParent().getWidth() >= getPreferredSize().width;
  }

  @Override
  public boolean getScrollableTracksViewportHeight() {
    return getParent() != null && getParent().getHeight() > getPreferredSize().height;
  }

  /** A key, and below it its bars. */
  private static final class OfKey extends JPanel {
    private final ElidedLabel name = Palette.plain(new ElidedLabel());
    private final BarsView bars = new BarsView();

    OfKey() {
      super(new BorderLayout());
      bars.setName("jargdist.bars-of-key");
      name.setBorder(BorderFactory.createEmptyBorder(2, 6, 2, 6));
      add(name, BorderLayout.NORTH);
      add(bars, BorderLayout.CENTER);
    }

    void show(KeyList.Item key, List<CountRow> rows) {
      name.show(key.label() + ": " + Numbers.count(key.histogram().count()));
      bars.show(rows, "");
    }
  }
}
