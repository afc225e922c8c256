/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Font;
import java.awt.FontMetrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.swing.JLabel;
import javax.swing.JToolTip;
import javax.swing.plaf.basic.BasicHTML;
import javax.swing.text.View;
import org.junit.jupiter.api.Test;

class TextFitTest {
  private static final String POOL = "java/util/concurrent/ThreadPoolExecutor.runWorker";

  private final FontMetrics metrics =
      new JLabel().getFontMetrics(new Font(Font.DIALOG, Font.PLAIN, 12));
  private final TextFit fit = new TextFit(metrics);

  private static List<String> twelve(String before, String after) {
    return IntStream.range(0, 12).mapToObj(i -> before + i + after).toList();
  }

  private void assertTheyFitAndDiffer(List<String> texts, int room) {
    Map<String, String> shown = fit.apart(texts, room);
    assertThat(shown.values()).hasSize(texts.size()).doesNotHaveDuplicates();
    assertThat(shown.values())
        .allSatisfy(text -> assertThat(metrics.stringWidth(text)).isLessThanOrEqualTo(room));
  }

  @Test
  void aTextIsCutInItsMiddle() {
    assertThat(fit.middle("short", 100)).isEqualTo("short");
    String cut = fit.middle(POOL, 150);
    assertThat(cut).startsWith("java/util").endsWith("runWorker").contains("\u2026");
    assertThat(metrics.stringWidth(cut)).isBetween(130, 150);
    assertThat(fit.middle(POOL, metrics.stringWidth(POOL))).isEqualTo(POOL);
    assertThat(fit.middle(POOL, 0)).isEqualTo("\u2026");
    assertThat(fit.middle("", 0)).isEmpty();
  }

  @Test
  void textsThatDifferInOnePlaceLookDifferent() {
    for (int room : new int[] {120, 160, 320}) {
      assertTheyFitAndDiffer(twelve(POOL, ""), room);
      assertTheyFitAndDiffer(twelve(POOL + "(task ", ")V of java/lang/Runnable.run()V"), room);
      assertTheyFitAndDiffer(twelve("", POOL), room);
    }
  }

  @Test
  void textsThatDifferInSeveralPlacesLookDifferent() {
    List<String> texts = new ArrayList<>(twelve(POOL + "$", "$" + POOL));
    texts.addAll(twelve(POOL + "$1$" + POOL, POOL));
    texts.addAll(twelve(POOL + "$2$" + POOL, POOL));
    texts.addAll(twelve(POOL, ""));
    assertTheyFitAndDiffer(texts, 200);
  }

  @Test
  void textsThatHaveNoRoomAreCutAllTheSame() {
    assertThat(fit.apart(twelve(POOL, POOL), 3).values()).hasSize(12);
    assertThat(fit.apart(List.of(POOL, POOL), 100)).hasSize(1);
  }

  @Test
  void aCharacterOfTwoCharsIsNeverTornApart() {
    List<String> texts =
        List.of("\ud83d\ude00".repeat(30), "\ud83d\ude00".repeat(29) + "\ud83d\ude01");
    for (int room = 0; room < 200; room++) {
      fit.apart(texts, room)
          .values()
          .forEach(
              text ->
                  assertThat(text.replaceAll("[\ud83d\ude00\ud83d\ude01\u2026]", "")).isEmpty());
    }
  }

  @Test
  void eachColumnOfAKeyHasItsRoom() {
    List<List<String>> keys = new ArrayList<>();
    for (String method : twelve("lambda$submitTheWork$", "")) {
      for (String type : List.of(POOL + "$Worker", POOL + "$Caller")) {
        keys.add(List.of(type, method, "7"));
      }
    }
    Map<List<String>, String> shown = fit.keys(keys, 230);
    assertThat(new HashSet<>(shown.values())).hasSize(24);
    assertThat(shown.values())
        .allSatisfy(text -> assertThat(metrics.stringWidth(text)).isLessThanOrEqualTo(230))
        .allSatisfy(text -> assertThat(text).startsWith("java").endsWith(", 7").contains("lambda"));
  }

  @Test
  void barsAndTableShowWhereKeysDiffer() {
    Map<List<String>, Long> counts = new LinkedHashMap<>();
    twelve(POOL + "(", ")V of java/lang/Runnable.run()V").forEach(t -> counts.put(List.of(t), 1L));
    List<CountRow> rows = CountRow.of(counts);
    CountsTable table = new CountsTable();
    table.show("method", "count", rows);
    table.setSize(370, 300);
    table.doLayout();
    List<String> cells = new ArrayList<>();
    for (int row = 0; row < table.getRowCount(); row++) {
      JLabel cell = (JLabel) table.prepareRenderer(table.getCellRenderer(row, 0), row, 0);
      cells.add(cell.getText());
      assertThat(cell.getPreferredSize().width)
          .isLessThanOrEqualTo(table.getCellRect(row, 0, false).width);
    }
    assertThat(cells).hasSize(12).doesNotHaveDuplicates();
    BarsView bars = new BarsView();
    bars.setSize(300, 300);
    bars.show(rows, "");
    assertThat(bars.labels(metrics).values()).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void theTooltipOfARowHasAllOfItsKeyAndNoHtmlOfTheTarget() {
    String key = "<html><img src='http://127.0.0.1/'>" + "x".repeat(300);
    CountsTable table = new CountsTable();
    table.show("key", "count", CountRow.of(Map.of(List.of(key), 1L)));
    table.setSize(370, 100);
    table.doLayout();
    String tip = table.getToolTipText(Mouse.at(table, 5, 5));
    assertThat(tip).startsWith("<html>&lt;html&gt;&lt;img&nbsp;").contains("xxx<br>xxx");
    JToolTip shown = new JToolTip();
    shown.setTipText(tip);
    View view = (View) shown.getClientProperty(BasicHTML.propertyKey);
    assertThat(view).isNotNull();
    assertThat(shown.getPreferredSize().width).isLessThan(1200);
  }

  @Test
  void longTextsAreBrokenAtBlanks() {
    assertThat(fit.lines("one two three", 5000)).containsExactly("one two three");
    assertThat(fit.lines("one two three", metrics.stringWidth("one two")))
        .containsExactly("one two", "three");
  }
}
