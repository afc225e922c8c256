/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Component;
import java.awt.Container;
import java.util.List;
import java.util.Map;
import javax.swing.JTextArea;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** These components need no screen. */
class ProbeHeaderTest {
  private final ProbeHeader header = new ProbeHeader(() -> {}, bean -> {});

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

  @Test
  void lostEventsAreRedAndNothingIsSaidWithoutThem() {
    JTextArea lost = (JTextArea) requireNonNull(find(header, "jargdist.lost"));
    header.show(Snapshots.facts("Histogram", "reads", 5, 0), null, Map.of(), "");
    assertThat(lost.isVisible()).isFalse();
    header.show(Snapshots.facts("Histogram", "reads", 5, 1234), null, Map.of(), "");
    assertThat(lost.isVisible()).isTrue();
    assertThat(lost.getForeground()).isEqualTo(Palette.ofPanel().lost());
    assertThat(lost.getText()).isEqualTo("lost 1,234 (table full: 1234)");
  }

  @Test
  void whatAProbeCannotSeeIsSaidBelow() {
    JTextArea warnings = (JTextArea) requireNonNull(find(header, "jargdist.warnings"));
    header.show(Snapshots.facts("Histogram", "reads", 5, 0), null, Map.of(), "");
    assertThat(warnings.isVisible()).isFalse();
    header.show(
        Snapshots.facts("Histogram", "reads", 5, 0, List.of("Not this.", "Nor that.")),
        null,
        Map.of(),
        "");
    assertThat(warnings.isVisible()).isTrue();
    assertThat(warnings.getText()).isEqualTo("Not this.\nNor that.");
  }

  @Test
  void aProbeThatHasNotBegunSaysSo() {
    JTextArea state = (JTextArea) requireNonNull(find(header, "jargdist.state"));
    ProbeSnapshot.Facts facts = Snapshots.facts("Histogram", "reads", 5, 0);
    header.show(facts, null, Map.of(), "");
    assertThat(state.getText()).startsWith("running since ");
    ProbeSnapshot.Facts waiting =
        new ProbeSnapshot.Facts(
            facts.bean(),
            facts.specifier(),
            facts.state(),
            "",
            null,
            0,
            0,
            "",
            Double.NaN,
            Double.NaN,
            Double.NaN,
            List.of());
    header.show(waiting, null, Map.of(), "");
    assertThat(state.getText()).isEqualTo("running, not started yet");
  }
}
