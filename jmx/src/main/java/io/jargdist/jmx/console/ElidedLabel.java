/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Dimension;
import javax.swing.JLabel;

/** A name that is cut in its middle if there is no room for it; its tooltip has all of it. */
final class ElidedLabel extends JLabel {
  private String full = "";

  void show(String name) {
    if (!name.equals(full)) {
      full = name;
      Tip.set(this, name);
      fit();
      revalidate();
    }
  }

  private void fit() {
    TextFit fit = new TextFit(getFontMetrics(getFont()));
    setText(getWidth() == 0 ? full : fit.middle(full, getWidth()));
  }

  /** Returns the size of the whole name. */
  @Override
  public Dimension getPreferredSize() {
    return new Dimension(
        getFontMetrics(getFont()).stringWidth(full), super.getPreferredSize().height);
  }

  @Override
  @SuppressWarnings("deprecation")
  public void reshape(int x, int y, int width, int height) {
    super.reshape(x, y, width, height);
    fit();
  }
}
