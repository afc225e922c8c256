/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.awt.Dimension;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.management.ObjectName;
import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSplitPane;
import javax.swing.JTextArea;
import javax.swing.ScrollPaneConstants;
import javax.swing.SwingConstants;
import org.jspecify.annotations.Nullable;

/** One probe: its header, its counts as bars and as a table, and its heat map. */
final class DetailPanel extends JPanel {
  private static final String NO_PROBES =
      "<html><center><b>There are no probes in this JVM yet.</b><br><br>Choose one of the examples"
          + " above, or type a specifier, and press Add.</center></html>";
  private static final String FIRST_INTERVAL =
      "The first interval ends with the console's next reading.";

  private static final int KEYS_WIDTH = 260;

  private final CardLayout cards = new CardLayout();
  private final ProbeHeader header;
  private final BarsView bars = new BarsView();
  private final SideBySide several = new SideBySide();
  private final KeyList keys = new KeyList(this::refresh);
  private final JScrollPane barsPane = new JScrollPane(bars);
  private final JScrollPane keysPane =
      new JScrollPane(
          keys,
          ScrollPaneConstants.VERTICAL_SCROLLBAR_AS_NEEDED,
          ScrollPaneConstants.HORIZONTAL_SCROLLBAR_NEVER);
  private final CountsTable table = new CountsTable();
  private final HeatMapView heatMap = new HeatMapView();
  private final JTextArea legend = Palette.text("jargdist.legend");
  private final JSplitPane rows;
  private @Nullable ProbeHistory shown;

  /**
   * @param onRemove gets the MBean of the probe to remove
   */
  DetailPanel(Consumer<ObjectName> onRemove) {
    header = new ProbeHeader(this::refresh, onRemove);
    JScrollPane tablePane = new JScrollPane(table);
    tablePane.setPreferredSize(new Dimension(table.columnsWidth(), 200));
    JSplitPane counts = new CountsSplit(barsPane, tablePane);
    barsPane.setMinimumSize(new Dimension(60, 90));
    tablePane.setMinimumSize(new Dimension(60, 90));
    counts.setResizeWeight(0.45);
    JPanel heatPane = new JPanel(new BorderLayout());
    heatPane.setBorder(BorderFactory.createLineBorder(Palette.ofTable().grid()));
    legend.setBackground(Palette.ofTable().background());
    legend.setForeground(Palette.ofTable().faint());
    legend.setOpaque(true);
    legend.setBorder(BorderFactory.createEmptyBorder(4, 8, 0, 8));
    heatPane.add(legend, BorderLayout.NORTH);
    heatPane.add(heatMap);
    heatPane.setMinimumSize(new Dimension(50, 80));
    keysPane.setVisible(false);
    rows = new JSplitPane(JSplitPane.VERTICAL_SPLIT, new KeysAndCounts(keysPane, counts), heatPane);
    rows.setResizeWeight(0.75);
    for (JSplitPane pane : List.of(counts, rows)) {
      pane.setBorder(null);
      pane.setContinuousLayout(true);
    }
    JScrollPane probe =
        new JScrollPane(
            new Column(header, rows),
            ScrollPaneConstants.VERTICAL_SCROLLBAR_AS_NEEDED,
            ScrollPaneConstants.HORIZONTAL_SCROLLBAR_NEVER);
    probe.setBorder(null);
    JLabel none = new JLabel(NO_PROBES, SwingConstants.CENTER);
    none.setName("jargdist.none");
    setLayout(cards);
    add(none, "none");
    add(probe, "probe");
  }

  /** The keys take at most two fifths of the width. */
  private static final class KeysAndCounts extends JPanel {
    private final JScrollPane keys;

    KeysAndCounts(JScrollPane keys, JSplitPane counts) {
      super(new BorderLayout());
      this.keys = keys;
      add(keys, BorderLayout.WEST);
      add(counts, BorderLayout.CENTER);
    }

    @Override
    public void doLayout() {
      keys.setPreferredSize(new Dimension(Math.min(KEYS_WIDTH, 2 * getWidth() / 5), getHeight()));
      super.doLayout();
    }
  }

  /** Bars and table side by side, or if that leaves the bars too little, one above the other. */
  private static final class CountsSplit extends JSplitPane {
    CountsSplit(JScrollPane bars, JScrollPane table) {
      super(JSplitPane.HORIZONTAL_SPLIT, bars, table);
    }

    @Override
    public void doLayout() {
      boolean narrow = getWidth() < 1.5 * getRightComponent().getPreferredSize().width;
      int wanted = narrow ? VERTICAL_SPLIT : HORIZONTAL_SPLIT;
      if (getOrientation() != wanted) {
        setOrientation(wanted);
        resetToPreferredSizes();
        revalidate();
      }
      super.doLayout();
    }
  }

  /** Shows a probe, or null if there are no probes. */
  void show(@Nullable ProbeHistory probe) {
    if (shown != probe) {
      keys.forget();
    }
    shown = probe;
    cards.show(this, probe == null ? "none" : "probe");
    refresh();
  }

  private void refresh() {
    ProbeHistory probe = shown;
    if (probe == null) {
      return;
    }
    boolean cumulative = header.isCumulative();
    ProbeHistory.Interval last = probe.lastInterval();
    switch (probe.latest().form()) {
      case HISTOGRAM ->
          showHistogram(probe, (ProbeSnapshot.OfHistogram) probe.latest(), last, cumulative);
      case FREQUENCY, SUM -> showKeys((ProbeSnapshot.Keyed) probe.latest(), last, cumulative);
    }
  }

  private void showHistogram(
      ProbeHistory probe,
      ProbeSnapshot.OfHistogram answer,
      ProbeHistory.@Nullable Interval last,
      boolean cumulative) {
    HistogramSnapshot snapshot =
        cumulative || last == null || last.histogram() == null
            ? answer.snapshot()
            : last.histogram();
    boolean waiting = !cumulative && last == null;
    List<KeyList.Item> chosen = showKeyList(probe, answer, snapshot, cumulative);
    if (!chosen.isEmpty()) {
      snapshot =
          chosen.stream().map(KeyList.Item::histogram).reduce((a, b) -> a.plus(b)).orElseThrow();
      several.show(chosen);
    }
    showBars(chosen.size() > 1 ? several : bars);
    List<CountRow> counts = waiting ? List.of() : CountRow.of(snapshot);
    header.show(
        answer.facts(),
        last,
        waiting ? Map.of() : Summary.of(snapshot, answer.unit()),
        "Percentiles are off by " + answer.errorBound() + "; events and mean are exact");
    String unit = answer.unit().isEmpty() ? "value" : answer.unit();
    showRows(
        unit,
        "count",
        counts,
        emptyText(cumulative, last, "No events yet: the function was not called."));
    rows.getBottomComponent().setVisible(true);
    if (rows.getDividerSize() == 0) {
      rows.setDividerSize(new JSplitPane().getDividerSize());
      rows.resetToPreferredSizes();
    }
    heatMap.show(
        HeatMap.of(probe.intervals()),
        "Here the distribution will be shown over time, one column for each interval with events.");
    legend.setText(heatMap.legend());
    legend.setVisible(!legend.getText().isEmpty());
  }

  /** Returns the keys that the user has chosen; none for all of them together. */
  private List<KeyList.Item> showKeyList(
      ProbeHistory probe,
      ProbeSnapshot.OfHistogram answer,
      HistogramSnapshot all,
      boolean cumulative) {
    ProbeSnapshot.OfHistogram.Keys known = answer.keys();
    showKeysPane(known != null);
    if (known == null) {
      return List.of();
    }
    Map<List<String>, Distribution> lately = probe.lastKeys();
    keys.show(all, cumulative ? known.distributions() : lately == null ? Map.of() : lately);
    return keys.chosen();
  }

  private void showKeysPane(boolean visible) {
    if (keysPane.isVisible() != visible) {
      keysPane.setVisible(visible);
      revalidate();
    }
  }

  private void showBars(JComponent shownBars) {
    if (barsPane.getViewport().getView() != shownBars) {
      barsPane.setViewportView(shownBars);
    }
  }

  private void showKeys(
      ProbeSnapshot.Keyed answer, ProbeHistory.@Nullable Interval last, boolean cumulative) {
    showKeysPane(false);
    showBars(bars);
    Map<List<String>, Long> counts =
        cumulative ? answer.amounts() : last == null ? null : last.counts();
    List<CountRow> shownRows = counts == null ? List.of() : CountRow.of(counts);
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put(
        "events",
        Numbers.count(cumulative || last == null ? answer.facts().count() : last.count()));
    figures.put("keys", Numbers.count(shownRows.size() + (cumulative ? answer.truncated() : 0L)));
    if (cumulative && answer.truncated() > 0) {
      figures.put("keys not shown", Numbers.count(answer.truncated()));
    }
    if (answer instanceof ProbeSnapshot.OfSum sum && counts != null && answer.truncated() == 0) {
      long total = shownRows.stream().mapToLong(CountRow::count).sum();
      figures.put("sum", Numbers.value((double) total, sum.unit()));
    }
    long cut = shownRows.stream().filter(row -> answer.cut().contains(row.key())).count();
    if (cut > 0) {
      figures.put("keys cut at -z", Numbers.count(cut));
    }
    header.show(
        answer.facts(),
        last,
        figures,
        cut == 0
            ? "Keys are combinations of values"
            : "A text with \u2026 at its end goes on: it is longer than the -z bytes that are stored of it");
    String what = String.join(", ", answer.columns());
    showRows(
        what.isEmpty() ? "key" : what,
        answer.amount(),
        shownRows,
        counts == null && (cumulative || last != null)
            ? "The keys come with the console's next reading."
            : emptyText(cumulative, last, "No events yet."));
    rows.getBottomComponent().setVisible(false);
    rows.setDividerSize(0);
  }

  private static String emptyText(
      boolean cumulative, ProbeHistory.@Nullable Interval last, String never) {
    if (cumulative) {
      return never;
    }
    return last == null ? FIRST_INTERVAL : "No events in the last interval.";
  }

  private void showRows(String what, String amount, List<CountRow> counts, String empty) {
    bars.show(counts, empty);
    table.show(what, amount, counts);
  }
}
