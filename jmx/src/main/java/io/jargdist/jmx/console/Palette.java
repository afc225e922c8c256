/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import javax.swing.JComponent;
import javax.swing.JTextArea;
import javax.swing.UIManager;

/**
 * Colours that go with the look and feel, be it light or dark.
 *
 * @param background of tables and drawings
 * @param text on it
 * @param faint what need not catch the eye
 * @param grid lines
 * @param accent bars, and the busiest cell of a heat map
 * @param lost what is missing, or wrong
 */
record Palette(Color background, Color text, Color faint, Color grid, Color accent, Color lost) {
  /** To be asked at each painting, since the look and feel may change. */
  static Palette current() {
    Color background = colour("Table.background", Color.WHITE);
    Color text = colour("Table.foreground", Color.BLACK);
    boolean dark = luminance(background) < 128;
    return new Palette(
        background,
        text,
        mix(background, text, 0.62),
        mix(background, text, 0.15),
        dark ? new Color(0x6C, 0xA9, 0xE0) : new Color(0x2F, 0x6E, 0xB0),
        dark ? new Color(0xFF, 0x8A, 0x80) : new Color(0xB3, 0x1E, 0x1E));
  }

  /** The first of two colours with a share, 0 to 1, of the second. */
  static Color mix(Color a, Color b, double share) {
    return new Color(
        part(a.getRed(), b.getRed(), share),
        part(a.getGreen(), b.getGreen(), share),
        part(a.getBlue(), b.getBlue(), share));
  }

  /** Letters of the same size in each column, for specifiers and carets. */
  static Font monospaced(JComponent component) {
    return new Font(Font.MONOSPACED, Font.PLAIN, component.getFont().getSize());
  }

  /**
   * Shows texts as they are, also those that begin with {@code <html>}: they come from the target's
   * memory, and Swing would load the images that they name.
   */
  static <T extends JComponent> T plain(T component) {
    component.putClientProperty("html.disable", true);
    return component;
  }

  /** Text that looks like a label, and can be selected, copied and wrapped. */
  static JTextArea text(String name) {
    JTextArea area = new JTextArea();
    area.setName(name);
    area.setEditable(false);
    area.setOpaque(false);
    area.setLineWrap(true);
    area.setWrapStyleWord(true);
    area.setFont(UIManager.getFont("Table.font"));
    return area;
  }

  /** What draws smoothly; to be disposed of. */
  static Graphics2D smooth(Graphics graphics) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return g;
  }

  private static Color colour(String key, Color otherwise) {
    Color colour = UIManager.getColor(key);
    // A plain colour: some looks change the colours that they hand out.
    return colour == null ? otherwise : new Color(colour.getRGB());
  }

  private static double luminance(Color colour) {
    return 0.299 * colour.getRed() + 0.587 * colour.getGreen() + 0.114 * colour.getBlue();
  }

  private static int part(int a, int b, double share) {
    return (int) Math.round(a + (b - a) * share);
  }
}
