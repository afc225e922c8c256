/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.Rectangle;
import javax.swing.JPanel;
import javax.swing.Scrollable;

/**
 * A head and a body below it, as wide as the scroll pane that they are in, and as high, unless that
 * leaves the body less than its minimum: then it scrolls.
 */
final class Column extends JPanel implements Scrollable {
  private final Component head;
  private final Component body;

  Column(Component head, Component body) {
    super(new BorderLayout());
    this.head = head;
    this.body = body;
    add(head, BorderLayout.NORTH);
    add(body, BorderLayout.CENTER);
  }

  @Override
  public Dimension getPreferredSize() {
    return new Dimension(
        body.getMinimumSize().width, head.getPreferredSize().height + body.getMinimumSize().height);
  }

  @Override
  public Dimension getPreferredScrollableViewportSize() {
    return new Dimension(
        body.getPreferredSize().width,
        head.getPreferredSize().height + body.getPreferredSize().height);
  }

  @Override
  public int getScrollableUnitIncrement(Rectangle visible, int orientation, int direction) {
    return getFontMetrics(getFont()).getHeight();
  }

  @Override
  public int getScrollableBlockIncrement(Rectangle visible, int orientation, int direction) {
    return visible.height;
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
