/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.util.List;
import javax.swing.JComponent;
import javax.swing.JTextArea;
import javax.swing.UIManager;
import javax.swing.text.DefaultCaret;

/**
 * Colours for one background of the look and feel, be it light or dark. Text has a contrast of at
 * least {@link #READABLE} to that background. They are plain colours: Nimbus takes a colour that a
 * look has handed out for a default, and paints its own instead.
 *
 * @param background which they are for
 * @param text on it
 * @param faint what need not catch the eye
 * @param grid lines
 * @param accent bars, and the busiest cell of a heat map
 * @param lost what is missing, or wrong
 */
record Palette(Color background, Color text, Color faint, Color grid, Color accent, Color lost) {
  /** The contrast ratio that WCAG 2.1 asks for, success criterion 1.4.3. */
  static final double READABLE = 4.5;

  private static final List<Color> BLUES = List.of(new Color(0x2F6EB0), new Color(0x6CA9E0));
  private static final List<Color> REDS = List.of(new Color(0xB31E1E), new Color(0xFF8A80));

  /**
   * Returns the colours of tables and drawings. Each painting must ask anew, since the look and
   * feel may change.
   */
  static Palette ofTable() {
    return of(colour("Table.background", Color.WHITE), colour("Table.foreground", Color.BLACK));
  }

  /** Returns the colours of panels, like {@link #ofTable}. */
  static Palette ofPanel() {
    return of(colour("Panel.background", Color.WHITE), colour("Label.foreground", Color.BLACK));
  }

  /** Returns the colours of a list, or of its selected row. */
  static Palette of(Color background, Color text) {
    Color plainBackground = plain(background);
    Color plainText = readable(plain(text), plainBackground, farthest(plainBackground));
    return new Palette(
        plainBackground,
        plainText,
        readable(mix(plainBackground, plainText, 0.62), plainBackground, plainText),
        mix(plainBackground, plainText, 0.15),
        readable(BLUES, plainBackground, plainText),
        readable(REDS, plainBackground, plainText));
  }

  /** Returns the word for strong colours on this background, compared with weak ones. */
  String stronger() {
    return luminance(accent) < luminance(background) ? "darker" : "lighter";
  }

  /** Returns the first of two colours with a share, 0 to 1, of the second. */
  static Color mix(Color a, Color b, double share) {
    return new Color(
        part(a.getRed(), b.getRed(), share),
        part(a.getGreen(), b.getGreen(), share),
        part(a.getBlue(), b.getBlue(), share));
  }

  /**
   * Returns the contrast as WCAG 2.1 defines it: from 1, which is none, to 21 of black on white.
   */
  static double contrast(Color a, Color b) {
    double first = luminance(a) + 0.05;
    double second = luminance(b) + 0.05;
    return Math.max(first, second) / Math.min(first, second);
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
    // Otherwise each change of the text would scroll the area to its end.
    if (area.getCaret() instanceof DefaultCaret caret) {
      caret.setUpdatePolicy(DefaultCaret.NEVER_UPDATE);
    }
    return area;
  }

  /** Returns graphics that draw smoothly. The caller must dispose of them. */
  static Graphics2D smooth(Graphics graphics) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return g;
  }

  /** Draws a text in lines of at most that width, the first one at the top. */
  static void draw(Graphics2D g, String text, int x, int width) {
    FontMetrics metrics = g.getFontMetrics();
    int y = x + metrics.getAscent();
    for (String line : new TextFit(metrics).lines(text, width)) {
      g.drawString(line, x, y);
      y += metrics.getHeight();
    }
  }

  private static Color colour(String key, Color otherwise) {
    Color colour = UIManager.getColor(key);
    return colour == null ? otherwise : colour;
  }

  /** Returns the colour with the most contrast to the background, made readable on it. */
  private static Color readable(List<Color> colours, Color background, Color text) {
    Color best = colours.get(0);
    for (Color colour : colours) {
      best = contrast(colour, background) > contrast(best, background) ? colour : best;
    }
    return readable(best, background, text);
  }

  private static Color plain(Color colour) {
    return new Color(colour.getRGB());
  }

  /** Black or white, which have a contrast of at least 4.58 to each colour, one or the other. */
  private static Color farthest(Color background) {
    return contrast(Color.BLACK, background) > contrast(Color.WHITE, background)
        ? Color.BLACK
        : Color.WHITE;
  }

  /** Returns the colour with as much of the text's as makes it readable. */
  private static Color readable(Color colour, Color background, Color text) {
    Color readable = colour;
    for (int tenths = 1; tenths <= 10 && contrast(readable, background) < READABLE; tenths++) {
      readable = mix(colour, text, tenths / 10.0);
    }
    return readable;
  }

  /** Relative luminance, 0 to 1, as WCAG 2.1 defines it. */
  private static double luminance(Color colour) {
    return 0.2126 * linear(colour.getRed())
        + 0.7152 * linear(colour.getGreen())
        + 0.0722 * linear(colour.getBlue());
  }

  private static double linear(int channel) {
    double share = channel / 255.0;
    return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
  }

  private static int part(int a, int b, double share) {
    return (int) Math.round(a + (b - a) * share);
  }
}
