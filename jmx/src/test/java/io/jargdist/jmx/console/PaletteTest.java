/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import javax.swing.JList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Colours in each look and feel that there is, and in dark ones. */
@Isolated("the look and feel is that of the whole JVM")
class PaletteTest {
  private static void assertReadable(Palette palette) {
    for (Color colour :
        List.of(palette.text(), palette.faint(), palette.accent(), palette.lost())) {
      assertThat(Palette.contrast(colour, palette.background()))
          .as("%s on %s", colour, palette.background())
          .isGreaterThanOrEqualTo(Palette.READABLE);
    }
  }

  static List<Looks.Look> looks() {
    return Looks.all();
  }

  @Test
  void contrastIsThatOfWcag() {
    assertThat(Palette.contrast(Color.BLACK, Color.WHITE)).isEqualTo(21);
    assertThat(Palette.contrast(Color.WHITE, Color.WHITE)).isEqualTo(1);
    assertThat(Palette.contrast(new Color(0x767676), Color.WHITE)).isBetween(4.5, 4.6);
  }

  @Test
  void metalNimbusAndDarkOnesAreThere() {
    assertThat(looks())
        .extracting(Looks.Look::name)
        .contains("Metal", "Nimbus", "dark Metal", "dark Nimbus");
  }

  @ParameterizedTest
  @MethodSource("looks")
  void textsAreReadable(Looks.Look look) throws Exception {
    look.use(
        () -> {
          assertReadable(Palette.ofTable());
          assertReadable(Palette.ofPanel());
          JList<String> list = new JList<>();
          assertReadable(Palette.of(list.getBackground(), list.getForeground()));
        });
  }

  @ParameterizedTest
  @MethodSource("looks")
  void theLegendSaysWhatIsTrue(Looks.Look look) throws Exception {
    look.use(
        () -> {
          Palette palette = Palette.ofTable();
          double before = -1;
          for (double strength : new double[] {0.15, 0.5, 0.75, 1}) {
            Color cell = Palette.mix(palette.background(), palette.accent(), strength);
            double contrast = Palette.contrast(cell, palette.background());
            assertThat(contrast).isGreaterThan(before);
            before = contrast;
          }
          boolean dark = Palette.contrast(palette.background(), Color.BLACK) < 4.5;
          assertThat(palette.stronger()).isEqualTo(dark ? "lighter" : "darker");
          assertThat(dark).isEqualTo(look.name().startsWith("dark"));
        });
  }

  @ParameterizedTest
  @MethodSource("looks")
  void theSelectedRowOfTheTableIsSeen(Looks.Look look) throws Exception {
    look.use(
        () -> {
          CountsTable table = new CountsTable();
          table.show("fd", "count", CountRow.of(Map.of(List.of("3"), 5L, List.of("4"), 2L)));
          table.setRowSelectionInterval(1, 1);
          for (int column = 0; column < table.getColumnCount(); column++) {
            assertDiffer(cell(table, 0, column), cell(table, 1, column));
          }
        });
  }

  private static BufferedImage cell(CountsTable table, int row, int column) {
    return Looks.painted(
        table.prepareRenderer(table.getCellRenderer(row, column), row, column), 80, 16);
  }

  @ParameterizedTest
  @MethodSource("looks")
  void theSelectedProbeIsSeen(Looks.Look look) throws Exception {
    look.use(
        () -> {
          ConsoleModel model = new ConsoleModel();
          model.apply(
              Snapshots.ofJvm(
                  "a", 0, Snapshots.histogram("reads", 0), Snapshots.histogram("writes", 0)));
          ProbeListPanel panel = new ProbeListPanel(bean -> {});
          panel.show(model.probes());
          assertDiffer(probe(panel.probes(), 1), probe(panel.probes(), 0));
        });
  }

  private static <T> BufferedImage probe(JList<T> list, int row) {
    return Looks.painted(
        list.getCellRenderer()
            .getListCellRendererComponent(
                list, list.getModel().getElementAt(row), row, list.isSelectedIndex(row), false),
        200,
        40);
  }

  /** The backgrounds differ so that it is seen, and the text of the selected one is read. */
  private static void assertDiffer(BufferedImage plain, BufferedImage selected) {
    Color background = Looks.mostly(plain);
    Color chosen = Looks.mostly(selected);
    assertThat(Palette.contrast(background, chosen)).isGreaterThan(1.2);
    assertThat(Looks.mostContrast(selected)).isGreaterThanOrEqualTo(Palette.READABLE);
    assertThat(Looks.mostContrast(plain)).isGreaterThanOrEqualTo(Palette.READABLE);
  }
}
