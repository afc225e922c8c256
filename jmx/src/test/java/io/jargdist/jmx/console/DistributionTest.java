/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Log2Buckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.swing.JLabel;
import javax.swing.plaf.basic.BasicHTML;
import org.junit.jupiter.api.Test;

/** Rows, figures and heat maps. */
class DistributionTest {
  @Test
  void powersOfTwoHaveARowEachFromTheLowestToTheHighest() {
    assertThat(CountRow.of(Snapshots.snapshot(Log2Buckets.DEFAULT, -1, 1, 5, 5)))
        .containsExactly(
            new CountRow(List.of("-1"), 0, 1, 0.25, 0.25),
            new CountRow(List.of("0 \u2013 1"), 1, 1, 0.25, 0.5),
            new CountRow(List.of("2 \u2013 3"), 2, 0, 0, 0.5),
            new CountRow(List.of("4 \u2013 7"), 3, 2, 0.5, 1));
    assertThat(CountRow.of(Snapshots.snapshot(Log2Buckets.DEFAULT))).isEmpty();
  }

  @Test
  void emptyBucketsOfOtherSchemesShareARow() {
    BucketScheme scheme = BucketScheme.parse("linear(0,100000,1000)");
    assertThat(CountRow.of(Snapshots.snapshot(scheme, -5, 500, 99_500, 200_000)))
        .extracting(CountRow::label, CountRow::count)
        .containsExactly(
            tuple("-\u221e \u2013 -1", 1L),
            tuple("0 \u2013 999", 1L),
            tuple("1,000 \u2013 98,999", 0L),
            tuple("99,000 \u2013 99,999", 1L),
            tuple("100,000 \u2013 +\u221e", 1L));
  }

  @Test
  void everySchemeShowsItsOutermostValues() {
    for (String text : List.of("log2", "log2/1", "log2/5", "linear(-10,10,3)")) {
      BucketScheme scheme = BucketScheme.parse(text);
      assertThat(CountRow.of(Snapshots.snapshot(scheme, Long.MIN_VALUE, 0, Long.MAX_VALUE)))
          .as(text)
          .filteredOn(row -> row.count() > 0)
          .hasSize(3);
    }
  }

  @Test
  void keysAreSortedByCountAndOrderedAsNumbers() {
    List<CountRow> rows =
        CountRow.of(
            Map.of(List.of("10"), 2L, List.of("9"), 2L, List.of("main"), 5L, List.of("-3"), 1L));
    assertThat(rows).extracting(CountRow::label).containsExactly("main", "9", "10", "-3");
    assertThat(rows).extracting(CountRow::order).containsExactly(3, 1, 2, 0);
    assertThat(rows.get(0).share()).isEqualTo(0.5);
  }

  @Test
  void aTableIsSortedByValueAndStaysSortedWhenItsNumbersChange() {
    CountsTable table = new CountsTable();
    table.show("fd", "count", CountRow.of(Map.of(List.of("10"), 9L, List.of("9"), 100L)));
    table.getRowSorter().toggleSortOrder(CountsTableModel.LABEL);
    assertThat(labels(table)).containsExactly("9", "10");
    table.getRowSorter().toggleSortOrder(CountsTableModel.COUNT);
    assertThat(labels(table)).containsExactly("10", "9");
    table.show("fd", "count", CountRow.of(Map.of(List.of("10"), 900L, List.of("9"), 100L)));
    assertThat(labels(table)).containsExactly("9", "10");
  }

  @Test
  void aKeyIsNeverTakenForHtml() {
    CountsTable table = new CountsTable();
    table.show("<html>path", "count", CountRow.of(Map.of(List.of("<html><b>x"), 1L)));
    table.setSize(370, 100);
    table.doLayout();
    JLabel cell = (JLabel) table.prepareRenderer(table.getCellRenderer(0, 0), 0, 0);
    assertThat(cell.getText()).isEqualTo("<html><b>x");
    assertThat(cell.getClientProperty(BasicHTML.propertyKey)).isNull();
  }

  private static List<String> labels(CountsTable table) {
    List<String> labels = new ArrayList<>();
    for (int row = 0; row < table.getRowCount(); row++) {
      labels.add(table.getValueAt(row, 0).toString());
    }
    return labels;
  }

  @Test
  void figuresAreThoseOfTheSnapshot() {
    assertThat(Summary.of(Snapshots.snapshot(BucketScheme.parse("log2/3"), 3, 4, 5, 4096), "ns"))
        .containsEntry("events", "4")
        .containsEntry("min", "3 ns")
        .containsEntry("p50", "4 ns")
        .containsEntry("p75", "5 ns")
        .containsEntry("max", "4,607 ns")
        .containsEntry("mean", "1,027 ns");
    assertThat(Summary.of(Snapshots.snapshot(Log2Buckets.DEFAULT), "ns").values())
        .containsExactly(
            "0", "\u2013", "\u2013", "\u2013", "\u2013", "\u2013", "\u2013", "\u2013", "\u2013");
  }

  @Test
  void numbersAreGroupedAndShort() {
    assertThat(Numbers.count(Long.MIN_VALUE)).isEqualTo("-9,223,372,036,854,775,808");
    assertThat(Numbers.value(11.68, "")).isEqualTo("11.7");
    assertThat(Numbers.value(Double.POSITIVE_INFINITY, "ns")).isEqualTo("\u221e");
    assertThat(Numbers.perSecond(0.25)).isEqualTo("0.3/s");
    assertThat(Numbers.perSecond(12_345.6)).isEqualTo("12,346/s");
    assertThat(Numbers.compact(-131_072)).isEqualTo("-131k");
    assertThat(Numbers.compact(2_097_152)).isEqualTo("2.1M");
  }

  @Test
  void aHeatMapHasAColumnForEachIntervalAndARowForEachBucketBetween() {
    ConsoleModel model = new ConsoleModel();
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 0)));
    model.apply(Snapshots.ofJvm("a", 1, Snapshots.histogram("reads", 0)));
    ProbeHistory history = requireNonNull(model.probe(Snapshots.bean("Histogram", "reads")));
    assertThat(HeatMap.of(history.intervals())).isNull();
    model.apply(Snapshots.ofJvm("a", 2, Snapshots.histogram("reads", 0, 5)));
    model.apply(Snapshots.ofJvm("a", 4, Snapshots.histogram("reads", 3, 5, 5, 5, 20)));
    HeatMap map = requireNonNull(HeatMap.of(history.intervals()));
    assertThat(map.columns()).isEqualTo(3);
    assertThat(map.rows()).isEqualTo(3);
    assertThat(map.bucket(0)).isEqualTo("4 \u2013 7");
    assertThat(map.bucket(2)).isEqualTo("16 \u2013 31");
    assertThat(map.count(0, 0)).isZero();
    assertThat(map.count(1, 0)).isEqualTo(1);
    assertThat(map.count(2, 0)).isEqualTo(2);
    assertThat(map.lost(2)).isEqualTo(3);
    assertThat(map.maxPerSecond()).isEqualTo(1);
    assertThat(map.strength(0, 0)).isZero();
    assertThat(map.strength(1, 0)).isEqualTo(1);
    assertThat(map.strength(2, 2)).isBetween(0.15, 0.5);
    assertThat(map.end(2)).isEqualTo(Snapshots.STARTED.plusSeconds(4));
  }

  @Test
  void oldIntervalsAreForgotten() {
    ConsoleModel model = new ConsoleModel();
    for (int i = 0; i < ProbeHistory.MAX_INTERVALS + 10; i++) {
      model.apply(Snapshots.ofJvm("a", i, Snapshots.histogram("reads", 0)));
    }
    assertThat(model.probes().get(0).intervals()).hasSize(ProbeHistory.MAX_INTERVALS);
  }
}
