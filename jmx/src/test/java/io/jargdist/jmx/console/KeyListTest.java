/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.Distribution;
import java.awt.Component;
import java.awt.Container;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyListTest {
  private static final long SECOND = 1_000_000_000;

  private final DetailPanel panel = new DetailPanel(bean -> {});
  private final ProbeHistory history =
      new ProbeHistory(Snapshots.keyed("reads", Map.of("3", List.of(5L, 5L), "4", List.of())), 0);

  private KeyList keys() {
    return (KeyList) requireNonNull(find(panel, "jargdist.keys"));
  }

  private String bars() {
    return requireNonNull(find(panel, "jargdist.bars"))
        .getAccessibleContext()
        .getAccessibleDescription();
  }

  private static @Nullable Component find(Container container, String name) {
    for (Component child : container.getComponents()) {
      Component found =
          name.equals(child.getName())
              ? child
              : child instanceof Container below ? find(below, name) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private List<String> rows() {
    KeyList keys = keys();
    return IntStream.range(0, keys.getModel().getSize())
        .mapToObj(row -> keys.getModel().getElementAt(row))
        .map(item -> item.label() + " " + item.histogram().count())
        .toList();
  }

  private void next(Map<String, List<Long>> values, int seconds) {
    history.add(Snapshots.keyed("reads", values), Instant.EPOCH, seconds * SECOND);
    panel.show(history);
  }

  @Test
  void oneKeyOrAllOfThemTogetherAreShown() {
    panel.show(history);
    assertThat(rows()).containsExactly("all together 2", "3 2");
    next(Map.of("3", List.of(5L, 5L), "11", List.of(1000L, 1L, 1L)), 1);
    assertThat(rows()).containsExactly("all together 5", "11 3", "3 2");
    assertThat(bars()).startsWith("0 \u2013 1: 2\n").endsWith("512 \u2013 1,023: 1\n");
    keys().setSelectedIndex(2);
    assertThat(bars()).isEqualTo("4 \u2013 7: 2\n");
    // The choice stays where it is while another key overtakes it.
    next(Map.of("3", List.of(5L, 5L, 5L, 5L), "11", List.of(1000L, 1L, 1L)), 2);
    assertThat(keys().getSelectedIndices()).containsExactly(1);
    assertThat(bars()).isEqualTo("4 \u2013 7: 4\n");
    keys().setSelectedIndex(0);
    assertThat(bars()).endsWith("512 \u2013 1,023: 1\n");
  }

  @Test
  void severalKeysStandSideBySideWithTheSameRows() {
    next(Map.of("3", List.of(5L, 5L), "11", List.of(1000L, 1L, 1L)), 1);
    assertThat(find(panel, "jargdist.side-by-side")).isNull();
    keys().setSelectedIndices(new int[] {1, 2});
    Container both = (Container) requireNonNull(find(panel, "jargdist.side-by-side"));
    assertThat(both.getComponentCount()).isEqualTo(2);
    List<List<String>> shown =
        List.of(both.getComponent(0), both.getComponent(1)).stream()
            .map(
                one ->
                    requireNonNull(find((Container) one, "jargdist.bars-of-key"))
                        .getAccessibleContext()
                        .getAccessibleDescription()
                        .lines()
                        .map(line -> line.replaceAll(": .*", ""))
                        .toList())
            .toList();
    assertThat(shown.get(0)).isEqualTo(shown.get(1)).hasSize(10);
    keys().setSelectedIndex(0);
    assertThat(find(panel, "jargdist.side-by-side")).isNull();
  }

  @Test
  void theLastIntervalHasItsOwnKeys() {
    next(Map.of("3", List.of(5L, 5L, 5L), "11", List.of(7L)), 1);
    Map<List<String>, Distribution> last = requireNonNull(history.lastKeys());
    assertThat(requireNonNull(last.get(List.of("3"))).count()).isEqualTo(1);
    assertThat(requireNonNull(last.get(List.of("11"))).sum()).isEqualTo(7);
  }

  @Test
  void aProbeWithoutKeysHasNoList() {
    next(Map.of("3", List.of(5L)), 1);
    assertThat(requireNonNull(keys().getParent().getParent()).isVisible()).isTrue();
    panel.show(new ProbeHistory(Snapshots.histogram("plain", 0, 1), 0));
    assertThat(requireNonNull(keys().getParent().getParent()).isVisible()).isFalse();
  }
}
