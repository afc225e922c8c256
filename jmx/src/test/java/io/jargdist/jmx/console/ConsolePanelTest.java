/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Component;
import java.awt.ComponentOrientation;
import java.awt.Container;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Rectangle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.swing.AbstractButton;
import javax.swing.JLabel;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.JViewport;
import javax.swing.SwingUtilities;
import javax.swing.UIManager;
import javax.swing.plaf.FontUIResource;
import javax.swing.text.DefaultCaret;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that everything has room in a window, also in a small one or with large letters. */
@Isolated("fonts are those of the whole JVM")
class ConsolePanelTest {
  private static final String NAME = "reads_of_a_name_that_has_forty_character";

  private static ConsolePanel panel(int width, int height) {
    ConsolePanel panel =
        new ConsolePanel(
            () -> {
              throw new IOException("not connected");
            });
    for (int i = 0; i < 3; i++) {
      panel.show(
          Snapshots.ofJvm(
              "a",
              i,
              Snapshots.histogram(NAME, 7, 5, 1_000_000, 3, 1L << 40, 1 << i),
              Snapshots.histogram("others", 0)));
    }
    layOut(panel, width, height);
    return panel;
  }

  /** Lays out as a window does, until the heights of wrapped texts have settled. */
  private static void layOut(Component panel, int width, int height) {
    panel.setSize(new Dimension(width, height));
    for (int i = 0; i < 5; i++) {
      layOut(panel);
    }
  }

  private static void layOut(Component component) {
    component.invalidate();
    component.doLayout();
    if (component instanceof Container container) {
      for (Component child : container.getComponents()) {
        layOut(child);
      }
    }
  }

  private static Component find(Container container, String name) {
    return requireNonNull(maybeFind(container, "jargdist." + name), name);
  }

  private static @Nullable Component maybeFind(Container container, String name) {
    for (Component child : container.getComponents()) {
      Component found =
          name.equals(child.getName())
              ? child
              : child instanceof Container below ? maybeFind(below, name) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static List<Component> shown(Container container) {
    List<Component> all = new ArrayList<>();
    for (Component child : container.getComponents()) {
      if (child.isVisible()) {
        all.add(child);
        if (child instanceof Container below) {
          all.addAll(shown(below));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"520,400", "700,500", "1000,700"})
  void theSpecifierHasALineOfItsOwn(int width, int height) {
    ConsolePanel panel = panel(width, height);
    JTextField specifier = (JTextField) find(panel, "specifier");
    assertThat(specifier.getWidth()).isGreaterThan(width - 20);
    specifier.setText("r:c:read():int:$retval");
    assertThat(specifier.getToolTipText(Mouse.at(specifier, 1, 1)))
        .contains("r:c:read():int:$retval", "LIBRARY");
    JTextArea shown = (JTextArea) find(panel, "specifier-shown");
    assertThat(shown.getWidth()).isGreaterThan(width / 2);
  }

  @ParameterizedTest
  @CsvSource({"520,400", "700,500", "1000,700"})
  void nothingIsCutOrCovered(int width, int height) {
    assertNothingIsCut(panel(width, height));
  }

  @ParameterizedTest
  @CsvSource({"700,500", "1000,700"})
  void nothingIsCutOrCoveredWithLettersTwiceAsLarge(int width, int height) {
    List<Object> fonts = new ArrayList<>();
    for (Object key : List.copyOf(UIManager.getLookAndFeelDefaults().keySet())) {
      if (UIManager.get(key) instanceof Font font) {
        fonts.add(key);
        UIManager.put(key, new FontUIResource(font.deriveFont(2 * font.getSize2D())));
      }
    }
    try {
      ConsolePanel panel = panel(width, height);
      assertNothingIsCut(panel);
      CountsTable table = (CountsTable) find(panel, "counts");
      assertThat(table.getRowHeight())
          .isGreaterThanOrEqualTo(table.getFontMetrics(table.getFont()).getHeight());
    } finally {
      fonts.forEach(key -> UIManager.put(key, null));
    }
  }

  /** Buttons and labels have the width they need, and do not overlap. */
  private static void assertNothingIsCut(ConsolePanel panel) {
    Container header = SwingUtilities.getAncestorOfClass(ProbeHeader.class, find(panel, "state"));
    List<Component> texts = new ArrayList<>();
    for (Component component : shown(requireNonNull(header))) {
      if (component instanceof AbstractButton || component instanceof JLabel) {
        texts.add(component);
      }
    }
    for (String button : List.of("check", "add", "examples")) {
      texts.add(find(panel, button));
    }
    for (Component text : texts) {
      if (!(text instanceof ElidedLabel)) {
        assertThat(text.getWidth())
            .as("%s", text)
            .isGreaterThanOrEqualTo(text.getPreferredSize().width);
      }
      for (Component other : texts) {
        assertThat(text == other || !bounds(text, panel).intersects(bounds(other, panel)))
            .as("%s and %s", text, other)
            .isTrue();
      }
    }
    assertThat(find(panel, "bars").getWidth()).isGreaterThan(150);
    assertThat(find(panel, "bars").getParent().getHeight()).isGreaterThan(50);
    assertThat(find(panel, "counts").getWidth()).isGreaterThan(150);
  }

  private static Rectangle bounds(Component component, Component in) {
    return SwingUtilities.convertRectangle(component.getParent(), component.getBounds(), in);
  }

  @Test
  void aNameIsCutInItsMiddle() {
    JLabel name = (JLabel) find(panel(480, 400), "name");
    assertThat(name.getText()).startsWith("reads_").endsWith("character").contains("\u2026");
    assertThat(name.getToolTipText()).contains(NAME);
    assertThat(((JLabel) find(panel(1000, 700), "name")).getText()).isEqualTo(NAME);
  }

  @Test
  void rowsBeginAtTheRightWhereTextDoes() {
    Rows rows = new Rows(4);
    JLabel first = new JLabel("first");
    JLabel last = new JLabel("last");
    rows.add(first);
    rows.split();
    rows.add(last);
    layOut(rows, 300, 20);
    assertThat(first.getX()).isZero();
    assertThat(last.getX() + last.getWidth()).isEqualTo(300);
    rows.setComponentOrientation(ComponentOrientation.RIGHT_TO_LEFT);
    layOut(rows, 300, 20);
    assertThat(first.getX() + first.getWidth()).isEqualTo(300);
    assertThat(last.getX()).isZero();
    layOut(rows, 40, 40);
    assertThat(last.getY()).isGreaterThan(first.getY());
  }

  @Test
  void numbersOfTheTableAreNeverCut() {
    for (int width : List.of(520, 900, 1200)) {
      CountsTable table = (CountsTable) find(panel(width, 600), "counts");
      for (int column = CountsTableModel.COUNT; column <= CountsTableModel.UP_TO; column++) {
        for (int row = 0; row < table.getRowCount(); row++) {
          Component cell = table.prepareRenderer(table.getCellRenderer(row, column), row, column);
          assertThat(table.getColumnModel().getColumn(column).getWidth())
              .isGreaterThanOrEqualTo(cell.getPreferredSize().width);
        }
      }
    }
  }

  /** A text area that changes would scroll to its end, and the name above it would not be seen. */
  @Test
  void theNameOfAProbeIsSeenFirst() throws Exception {
    SwingUtilities.invokeAndWait(
        () -> {
          ConsolePanel panel = panel(520, 400);
          JTextArea state = (JTextArea) find(panel, "state");
          assertThat(((DefaultCaret) state.getCaret()).getUpdatePolicy())
              .isEqualTo(DefaultCaret.NEVER_UPDATE);
          JViewport port = (JViewport) SwingUtilities.getAncestorOfClass(JViewport.class, state);
          assertThat(port.getViewPosition().y).isZero();
        });
  }

  @Test
  void theLegendIsThatOfTheHeatMap() {
    JTextArea legend = (JTextArea) find(panel(520, 400), "legend");
    assertThat(legend.getText()).startsWith("Over time: the darker, the more events a second");
  }
}
