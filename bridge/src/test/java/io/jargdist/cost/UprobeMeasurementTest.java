/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, since it probes this process. */
class UprobeMeasurementTest {
  @Test
  void pushesAreEmulatedAndMovesAreNot(@TempDir Path folder) throws Exception {
    UprobeCosts costs = UprobeMeasurement.measure(folder);
    assertThat(costs.nanos().keySet())
        .containsAll(EnumSet.complementOf(EnumSet.of(InstructionKind.NOP_10)));
    assertThat(costs.nanos().get(InstructionKind.PUSH))
        .isBetween(50, Objects.requireNonNull(costs.nanosAt(InstructionKind.MOVE)) / 2);
    assertThat(costs.returnNanos()).isPositive();
    assertThat(UprobeCosts.decode(costs.encode())).isEqualTo(costs);
  }

  /** Other work may leave no moment for it, and does not make it cheaper. */
  @Test
  void allProcessorsMeasureTheSameKinds(@TempDir Path folder) throws Exception {
    UprobeCosts alone = UprobeMeasurement.measure(folder);
    UprobeCosts together = UprobeCosts.UNKNOWN;
    for (int i = 0; i < 100 && together.nanos().isEmpty(); i++) {
      together = UprobeMeasurement.measureTogether(folder, alone);
    }
    assertThat(together.nanos().keySet()).isEqualTo(alone.nanos().keySet());
    for (InstructionKind kind : alone.nanos().keySet()) {
      assertThat(together.nanosAt(kind))
          .isGreaterThan(Objects.requireNonNull(alone.nanosAt(kind)) / 2);
    }
  }

  @Test
  void kindsThatAreTreatedAlikeCostAsMuchMore() {
    UprobeCosts alone =
        new UprobeCosts(
            true,
            Map.of(
                InstructionKind.PUSH, 300,
                InstructionKind.NOP, 310,
                InstructionKind.NOP_5, 100,
                InstructionKind.ENDBR, 920,
                InstructionKind.MOVE, 900),
            200);
    UprobeCosts together =
        new UprobeCosts(
            true,
            Map.of(
                InstructionKind.PUSH, 20_300,
                InstructionKind.NOP_5, 90,
                InstructionKind.MOVE, 41_000),
            150);
    assertThat(UprobeMeasurement.completed(together, alone))
        .isEqualTo(
            new UprobeCosts(
                true,
                Map.of(
                    InstructionKind.PUSH, 20_300,
                    InstructionKind.NOP, 20_310,
                    InstructionKind.NOP_5, 100,
                    InstructionKind.ENDBR, 41_020,
                    InstructionKind.MOVE, 41_000),
                200));
  }

  @Test
  void whatIsNotWholeIsRefused() {
    assertThatThrownBy(() -> UprobeCosts.decode("links=true\nPUSH=500\n"))
        .isInstanceOf(IOException.class);
  }
}
