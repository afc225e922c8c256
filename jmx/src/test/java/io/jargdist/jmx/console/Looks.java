/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Color;
import java.awt.Component;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.swing.LookAndFeel;
import javax.swing.UIManager;
import javax.swing.UnsupportedLookAndFeelException;

/** The look and feels of this JDK that can be used on this machine, and dark variants of two. */
final class Looks {
  private static final Color NIGHT = new Color(0x2B2B2B);
  private static final Color CHALK = new Color(0xDDDDDD);
  private static final List<String> BACKGROUNDS =
      List.of("Table.background", "List.background", "Panel.background", "TextArea.background");
  private static final List<String> TEXTS =
      List.of("Table.foreground", "List.foreground", "Label.foreground", "TextArea.foreground");

  private Looks() {}

  interface Use {
    void run() throws Exception;
  }

  /**
   * @param colours that are put over those of the look and feel
   */
  record Look(String name, String className, Map<String, Color> colours) {
    /** Uses it meanwhile. */
    void use(Use use) throws Exception {
      LookAndFeel before = UIManager.getLookAndFeel();
      colours.forEach(UIManager::put);
      try {
        UIManager.setLookAndFeel(className);
        use.run();
      } finally {
        colours.keySet().forEach(key -> UIManager.put(key, null));
        UIManager.setLookAndFeel(before);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Look> all() {
    List<Look> looks = new ArrayList<>();
    for (UIManager.LookAndFeelInfo info : UIManager.getInstalledLookAndFeels()) {
      if (isUsable(info.getClassName())) {
        looks.add(new Look(info.getName(), info.getClassName(), Map.of()));
      }
    }
    for (Look look : List.copyOf(looks)) {
      if (look.name().equals("Metal")) {
        looks.add(new Look("dark Metal", look.className(), dark()));
      } else if (look.name().equals("Nimbus")) {
        // Nimbus derives its colours from these.
        looks.add(
            new Look(
                "dark Nimbus",
                look.className(),
                Map.of("control", NIGHT, "nimbusLightBackground", NIGHT, "text", CHALK)));
      }
    }
    return looks;
  }

  private static Map<String, Color> dark() {
    Map<String, Color> colours = new HashMap<>();
    BACKGROUNDS.forEach(key -> colours.put(key, NIGHT));
    TEXTS.forEach(key -> colours.put(key, CHALK));
    return colours;
  }

  private static boolean isUsable(String className) {
    LookAndFeel before = UIManager.getLookAndFeel();
    try {
      UIManager.setLookAndFeel(className);
      UIManager.setLookAndFeel(before);
      return true;
    } catch (ReflectiveOperationException
        | UnsupportedLookAndFeelException
        | RuntimeException
        | LinkageError e) {
      return false;
    }
  }

  /** Paints components. */
  static BufferedImage painted(Component component, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    component.setSize(width, height);
    Graphics2D g = image.createGraphics();
    component.doLayout();
    component.paint(g);
    g.dispose();
    return image;
  }

  /** The colour that most pixels have. */
  static Color mostly(BufferedImage image) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        counts.merge(image.getRGB(x, y), 1, Integer::sum);
      }
    }
    return new Color(
        counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey());
  }

  /**
   * Returns the contrast of a pixel to the most frequent colour, as that of text to its background.
   */
  static double mostContrast(BufferedImage image) {
    Color background = mostly(image);
    double most = 1;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        most = Math.max(most, Palette.contrast(new Color(image.getRGB(x, y)), background));
      }
    }
    return most;
  }
}
