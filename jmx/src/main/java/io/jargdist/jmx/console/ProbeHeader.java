/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.BorderLayout;
import java.awt.Font;
import java.awt.GridLayout;
import java.awt.event.FocusAdapter;
import java.awt.event.FocusEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import javax.management.ObjectName;
import javax.swing.BorderFactory;
import javax.swing.BoxLayout;
import javax.swing.ButtonGroup;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.JToggleButton;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/**
 * The header above the numbers of a probe. It says what the probe is, its state and its losses,
 * lets the user choose the numbers, and can remove the probe.
 */
final class ProbeHeader extends JPanel {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final String REMOVE = "Remove";

  private final ElidedLabel name = Palette.plain(new ElidedLabel());
  private final JTextArea specifier = text("jargdist.specifier-shown");
  private final JTextArea state = text("jargdist.state");
  private final JTextArea lost = text("jargdist.lost");
  private final JTextArea warnings = text("jargdist.warnings");
  private final Rows figures = new Rows(12);
  private final JToggleButton interval = new JToggleButton("Last interval");
  private final JToggleButton cumulative = new JToggleButton("Cumulative", true);
  private final JButton remove = new JButton(REMOVE);
  private @Nullable ObjectName shown;
  private boolean removing;

  /**
   * @param onChoice is told that the user wants other numbers
   * @param onRemove gets the MBean of the probe to remove
   */
  ProbeHeader(Runnable onChoice, Consumer<ObjectName> onRemove) {
    super(new BorderLayout(8, 2));
    setBorder(BorderFactory.createEmptyBorder(4, 8, 4, 4));
    name.setName("jargdist.name");
    figures.setName("jargdist.figures");
    interval.setName("jargdist.interval");
    cumulative.setName("jargdist.cumulative");
    remove.setName("jargdist.remove");
    name.setFont(name.getFont().deriveFont(Font.BOLD, name.getFont().getSize2D() + 3));
    specifier.setFont(Palette.monospaced(specifier));
    specifier.setWrapStyleWord(false);
    ButtonGroup group = new ButtonGroup();
    group.add(interval);
    group.add(cumulative);
    interval.addActionListener(event -> onChoice.run());
    cumulative.addActionListener(event -> onChoice.run());
    Tip.set(remove, "Stops the probe for everybody; its numbers are gone then");
    remove.addActionListener(event -> removeClicked(onRemove));
    remove.addFocusListener(
        new FocusAdapter() {
          @Override
          public void focusLost(FocusEvent event) {
            settle();
          }
        });
    Rows top = new Rows(4);
    top.add(name);
    top.split();
    top.add(interval);
    top.add(cumulative);
    top.add(remove);
    JPanel lines = new JPanel();
    lines.setLayout(new BoxLayout(lines, BoxLayout.Y_AXIS));
    lines.add(specifier);
    lines.add(state);
    lines.add(lost);
    lines.add(warnings);
    add(top, BorderLayout.NORTH);
    add(lines, BorderLayout.CENTER);
    add(figures, BorderLayout.SOUTH);
  }

  boolean isCumulative() {
    return cumulative.isSelected();
  }

  /**
   * @param newFigures what is known of the distribution, by name
   * @param explanation of the figures
   */
  void show(
      ProbeSnapshot.Facts facts,
      ProbeHistory.@Nullable Interval last,
      Map<String, String> newFigures,
      String explanation) {
    if (!Objects.equals(shown, facts.bean())) {
      shown = facts.bean();
      removing = false;
      settle();
    }
    Palette palette = Palette.ofPanel();
    name.show(facts.name());
    setText(specifier, facts.specifier());
    specifier.setForeground(palette.faint());
    setText(state, stateOf(facts, last));
    state.setForeground(
        facts.isRunning() ? UIManager.getColor("Label.foreground") : palette.lost());
    setText(lost, lostOf(facts, last));
    lost.setVisible(facts.lost() > 0);
    lost.setForeground(palette.lost());
    setText(warnings, String.join("\n", facts.warnings()));
    warnings.setVisible(!facts.warnings().isEmpty());
    warnings.setForeground(palette.lost());
    showFigures(new LinkedHashMap<>(newFigures), explanation);
  }

  private static String stateOf(ProbeSnapshot.Facts facts, ProbeHistory.@Nullable Interval last) {
    StringBuilder text = new StringBuilder(facts.state());
    if (!facts.isRunning()
        && !facts.lastError().isEmpty()
        && !facts.state().contains(facts.lastError())) {
      text.append('\n').append(facts.lastError());
    }
    Instant started = facts.started();
    if (facts.isRunning()) {
      text.append(started == null ? ", not started yet" : " since " + TIME.format(started));
    }
    if (last != null) {
      text.append(", ").append(Numbers.perSecond(last.perSecond()));
    }
    if (!Double.isNaN(facts.overheadPercent())) {
      text.append(", costs ")
          .append(Numbers.percent(facts.overheadPercent() / 100))
          .append(" of a CPU");
    }
    if (facts.coverage() < 1) {
      text.append(", has seen ").append(Numbers.percent(facts.coverage())).append(" of the time");
    }
    return text.toString();
  }

  private static String lostOf(ProbeSnapshot.Facts facts, ProbeHistory.@Nullable Interval last) {
    String lately =
        last != null && last.lost() > 0
            ? ", " + Numbers.count(last.lost()) + " of them in the last interval"
            : "";
    return "lost " + Numbers.count(facts.lost()) + " (" + facts.lostDetail() + ")" + lately;
  }

  private void showFigures(Map<String, String> shownFigures, String explanation) {
    if (figures.getComponentCount() != shownFigures.size()) {
      figures.removeAll();
      shownFigures.keySet().forEach(key -> figures.add(figure()));
      figures.revalidate();
      figures.repaint();
    }
    int i = 0;
    for (Map.Entry<String, String> figure : shownFigures.entrySet()) {
      JPanel pair = (JPanel) figures.getComponent(i++);
      JLabel above = (JLabel) pair.getComponent(0);
      above.setText(figure.getKey());
      above.setForeground(Palette.ofPanel().faint());
      ((JLabel) pair.getComponent(1)).setText(figure.getValue());
      Tip.set(pair, explanation);
    }
  }

  /** A name, and below it the number. */
  private static JPanel figure() {
    JPanel pair = new JPanel(new GridLayout(2, 1));
    for (int i = 0; i < 2; i++) {
      JLabel label = Palette.plain(new JLabel());
      label.setFont(label.getFont().deriveFont(Font.PLAIN));
      pair.add(label);
    }
    return pair;
  }

  /** A second click is needed, for the numbers cannot be brought back. */
  private void removeClicked(Consumer<ObjectName> onRemove) {
    ObjectName bean = shown;
    if (removing && bean != null) {
      removing = false;
      settle();
      onRemove.accept(bean);
    } else {
      removing = true;
      remove.setText("Click again to remove");
    }
  }

  private void settle() {
    removing = false;
    remove.setText(REMOVE);
  }

  /** Text that can be selected and copied; keeps a selection while it stays the same. */
  private static void setText(JTextArea area, String text) {
    if (!area.getText().equals(text)) {
      area.setText(text);
    }
  }

  private static JTextArea text(String name) {
    JTextArea area = Palette.text(name);
    area.setBorder(BorderFactory.createEmptyBorder(1, 0, 1, 0));
    return area;
  }
}
