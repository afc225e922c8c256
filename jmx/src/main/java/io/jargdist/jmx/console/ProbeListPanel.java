/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.Font;
import java.util.List;
import java.util.function.Consumer;
import javax.management.ObjectName;
import javax.swing.AbstractListModel;
import javax.swing.BorderFactory;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.ListCellRenderer;
import javax.swing.ListSelectionModel;
import javax.swing.ScrollPaneConstants;
import org.jspecify.annotations.Nullable;

/** The probes of the JVM, one of them selected if there is any. */
final class ProbeListPanel extends JPanel {
  private final Model model = new Model();
  private final JList<ProbeHistory> list =
      new JList<>(model) {
        /** There is no scroll bar for the width: names are cut. */
        @Override
        public boolean getScrollableTracksViewportWidth() {
          return true;
        }
      };
  private final Consumer<@Nullable ObjectName> onSelection;
  private @Nullable ObjectName selected;
  private @Nullable ObjectName awaited;
  private boolean updating;

  /**
   * @param onSelection gets the MBean of the probe that the user selects
   */
  ProbeListPanel(Consumer<@Nullable ObjectName> onSelection) {
    super(new BorderLayout());
    this.onSelection = onSelection;
    list.setName("jargdist.probes");
    list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    list.setCellRenderer(new Renderer());
    list.addListSelectionListener(event -> selectionChanged(event.getValueIsAdjusting()));
    add(
        new JScrollPane(
            list,
            ScrollPaneConstants.VERTICAL_SCROLLBAR_AS_NEEDED,
            ScrollPaneConstants.HORIZONTAL_SCROLLBAR_NEVER),
        BorderLayout.CENTER);
    setPreferredSize(new Dimension(240, 300));
    setMinimumSize(new Dimension(140, 100));
  }

  JList<ProbeHistory> probes() {
    return list;
  }

  /** Returns the MBean of the selected probe. */
  @Nullable ObjectName selected() {
    return selected;
  }

  /** Selects a probe now, or as soon as it is there. */
  void select(ObjectName bean) {
    awaited = bean;
    restoreSelection();
  }

  void show(List<ProbeHistory> probes) {
    updating = true;
    try {
      model.show(probes);
    } finally {
      updating = false;
    }
    restoreSelection();
  }

  private void selectionChanged(boolean adjusting) {
    ProbeHistory chosen = list.getSelectedValue();
    if (updating || adjusting || chosen == null) {
      return;
    }
    selected = chosen.latest().facts().bean();
    awaited = null;
    onSelection.accept(selected);
  }

  private void restoreSelection() {
    updating = true;
    try {
      int index = model.indexOf(awaited);
      if (index >= 0) {
        selected = awaited;
        awaited = null;
      } else {
        index = model.indexOf(selected);
      }
      if (index < 0 && model.getSize() > 0) {
        index = Math.max(0, Math.min(list.getSelectedIndex(), model.getSize() - 1));
        selected = model.getElementAt(index).latest().facts().bean();
      } else if (index < 0) {
        selected = null;
      }
      if (index < 0) {
        list.clearSelection();
      } else if (list.getSelectedIndex() != index) {
        list.setSelectedIndex(index);
        list.ensureIndexIsVisible(index);
      }
    } finally {
      updating = false;
    }
  }

  private static final class Model extends AbstractListModel<ProbeHistory> {
    private List<ProbeHistory> probes = List.of();

    void show(List<ProbeHistory> newProbes) {
      int before = probes.size();
      probes = newProbes;
      if (before > probes.size()) {
        fireIntervalRemoved(this, probes.size(), before - 1);
      } else if (before < probes.size()) {
        fireIntervalAdded(this, before, probes.size() - 1);
      }
      if (!probes.isEmpty()) {
        fireContentsChanged(this, 0, probes.size() - 1);
      }
    }

    int indexOf(@Nullable ObjectName bean) {
      for (int i = 0; i < probes.size(); i++) {
        if (probes.get(i).latest().facts().bean().equals(bean)) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public int getSize() {
      return probes.size();
    }

    @Override
    public ProbeHistory getElementAt(int index) {
      return probes.get(index);
    }
  }

  /** Name and rate, below them the specifier, or what is wrong. */
  private static final class Renderer extends JPanel implements ListCellRenderer<ProbeHistory> {
    private static final int MARGIN = 20;

    private final JLabel name = Palette.plain(new JLabel());
    private final JLabel rate = Palette.plain(new JLabel());
    private final JLabel below = Palette.plain(new JLabel());

    Renderer() {
      super(new BorderLayout(6, 1));
      setBorder(BorderFactory.createEmptyBorder(4, 6, 4, 6));
      name.setFont(name.getFont().deriveFont(Font.BOLD));
      rate.setFont(rate.getFont().deriveFont(Font.PLAIN));
      below.setFont(below.getFont().deriveFont(Font.PLAIN, below.getFont().getSize2D() - 1));
      add(name, BorderLayout.CENTER);
      add(rate, BorderLayout.EAST);
      add(below, BorderLayout.SOUTH);
    }

    @Override
    public Component getListCellRendererComponent(
        JList<? extends ProbeHistory> list,
        ProbeHistory probe,
        int index,
        boolean isSelected,
        boolean hasFocus) {
      Palette palette =
          isSelected
              ? Palette.of(list.getSelectionBackground(), list.getSelectionForeground())
              : Palette.of(list.getBackground(), list.getForeground());
      ProbeSnapshot.Facts facts = probe.latest().facts();
      ProbeHistory.Interval interval = probe.lastInterval();
      rate.setText(interval == null ? "" : Numbers.perSecond(interval.perSecond()));
      boolean bad = facts.lost() > 0 || !facts.isRunning();
      below.setText(
          !facts.isRunning()
              ? firstLine(facts.state())
              : facts.lost() > 0
                  ? "lost " + Numbers.count(facts.lost())
                  : Numbers.count(facts.count()) + " events");
      TextFit names = new TextFit(name.getFontMetrics(name.getFont()));
      name.setText(
          list.getWidth() == 0
              ? facts.name()
              : names.middle(
                  facts.name(), list.getWidth() - rate.getPreferredSize().width - MARGIN));
      setBackground(palette.background());
      name.setForeground(palette.text());
      rate.setForeground(palette.text());
      below.setForeground(bad ? palette.lost() : palette.faint());
      Tip.set(this, facts.name() + ": " + facts.specifier());
      return this;
    }

    private static String firstLine(String text) {
      return text.lines().findFirst().orElse("");
    }
  }
}
