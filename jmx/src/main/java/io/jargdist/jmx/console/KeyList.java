/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.swing.BorderFactory;
import javax.swing.DefaultListModel;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.ListCellRenderer;
import javax.swing.ListSelectionModel;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a histogram, the busiest first, each with a small picture of its distribution. The
 * first row is all keys together. Any number of keys can be selected, and stay so while the numbers
 * change.
 */
final class KeyList extends JList<KeyList.Item> {
  private final DefaultListModel<Item> model = new DefaultListModel<>();
  private final Set<List<String>> chosen = new HashSet<>();
  private boolean updating;

  /**
   * A row.
   *
   * @param key null for all keys together
   */
  record Item(@Nullable List<String> key, HistogramSnapshot histogram) {
    String label() {
      return key == null ? "all together" : String.join(", ", key);
    }
  }

  /**
   * @param onChoice is told that the user has selected others
   */
  KeyList(Runnable onChoice) {
    setName("jargdist.keys");
    setModel(model);
    setSelectionMode(ListSelectionModel.MULTIPLE_INTERVAL_SELECTION);
    setCellRenderer(new Renderer());
    addListSelectionListener(
        event -> {
          if (!updating && !event.getValueIsAdjusting()) {
            chosen.clear();
            getSelectedValuesList().stream()
                .map(Item::key)
                .filter(key -> key != null)
                .forEach(chosen::add);
            onChoice.run();
          }
        });
    Tip.set(this, "Select one key, or several with Ctrl or Shift to see them side by side");
  }

  /** Names are cut to the width, since there is no scroll bar for it. */
  @Override
  public boolean getScrollableTracksViewportWidth() {
    return true;
  }

  /** Forgets what is selected: the keys of another probe come. */
  void forget() {
    chosen.clear();
  }

  /**
   * @param all keys together
   */
  void show(HistogramSnapshot all, Map<List<String>, Distribution> keys) {
    updating = true;
    try {
      List<Item> items = new ArrayList<>();
      items.add(new Item(null, all));
      keys.entrySet().stream()
          .filter(key -> !key.getValue().counts().isEmpty())
          .map(key -> new Item(key.getKey(), key.getValue().histogram(all.scheme())))
          .sorted((a, b) -> Long.compare(b.histogram().count(), a.histogram().count()))
          .forEach(items::add);
      model.clear();
      model.addAll(items);
      chosen.removeIf(key -> !keys.containsKey(key));
      List<Integer> rows = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        List<String> key = items.get(i).key();
        if (key == null ? chosen.isEmpty() : chosen.contains(key)) {
          rows.add(i);
        }
      }
      setSelectedIndices(rows.stream().mapToInt(Integer::intValue).toArray());
    } finally {
      updating = false;
    }
  }

  /** Returns the selected keys with events, the busiest first; none for all keys together. */
  List<Item> chosen() {
    return getSelectedValuesList().stream().filter(item -> item.key() != null).toList();
  }

  /** A picture, and beside it the key and its number of events. */
  private static final class Renderer extends JPanel implements ListCellRenderer<Item> {
    private static final int GAP = 6;

    private final Picture picture = new Picture();
    private final JLabel name = Palette.plain(new JLabel());
    private final JLabel count = Palette.plain(new JLabel());

    Renderer() {
      super(new BorderLayout(GAP, 0));
      setBorder(BorderFactory.createEmptyBorder(2, GAP, 2, GAP));
      name.setFont(name.getFont().deriveFont(Font.PLAIN));
      count.setFont(count.getFont().deriveFont(Font.PLAIN));
      add(picture, BorderLayout.WEST);
      add(name, BorderLayout.CENTER);
      add(count, BorderLayout.EAST);
    }

    @Override
    public Component getListCellRendererComponent(
        JList<? extends Item> list, Item item, int index, boolean isSelected, boolean hasFocus) {
      Palette palette =
          isSelected
              ? Palette.of(list.getSelectionBackground(), list.getSelectionForeground())
              : Palette.of(list.getBackground(), list.getForeground());
      setBackground(palette.background());
      picture.show(item.histogram(), palette);
      count.setText(Numbers.count(item.histogram().count()));
      count.setForeground(palette.faint());
      name.setForeground(palette.text());
      int room = list.getWidth() - Picture.WIDTH - count.getPreferredSize().width - 4 * GAP;
      name.setText(
          list.getWidth() == 0
              ? item.label()
              : new TextFit(name.getFontMetrics(name.getFont())).middle(item.label(), room));
      return this;
    }
  }

  /** A histogram as a few bars, without numbers. */
  private static final class Picture extends JComponent {
    static final int WIDTH = 64;
    private static final int HEIGHT = 18;

    private List<CountRow> rows = List.of();
    private Palette palette = Palette.ofTable();

    Picture() {
      setPreferredSize(new Dimension(WIDTH, HEIGHT));
    }

    void show(HistogramSnapshot histogram, Palette newPalette) {
      rows = CountRow.of(histogram);
      palette = newPalette;
    }

    @Override
    protected void paintComponent(Graphics graphics) {
      graphics.setColor(palette.grid());
      graphics.drawLine(0, HEIGHT - 1, WIDTH, HEIGHT - 1);
      graphics.setColor(palette.accent());
      long most = rows.stream().mapToLong(CountRow::count).max().orElse(1);
      for (int i = 0; i < rows.size(); i++) {
        int left = i * WIDTH / rows.size();
        int right = (i + 1) * WIDTH / rows.size();
        int height = (int) Math.ceil((HEIGHT - 2) * (double) rows.get(i).count() / most);
        graphics.fillRect(left, HEIGHT - 1 - height, Math.max(1, right - left - 1), height);
      }
    }
  }
}
