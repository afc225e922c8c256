/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelClockTest {
  @Test
  void theOffsetIsThatOfTheMonotonicClock() throws IOException {
    List<String> lines =
        List.of("monotonic      86400         5", "boottime          -7         9");
    assertThat(KernelClock.offset(lines)).isEqualTo(86_400_000_000_005L);
    assertThat(KernelClock.offset(List.of("monotonic -5 999999999"))).isEqualTo(-4_000_000_001L);
  }

  @Test
  void whatIsNotUnderstoodIsAFailure() {
    assertThatThrownBy(() -> KernelClock.offset(List.of("boottime 0 0")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> KernelClock.offset(List.of("monotonic soon 0")))
        .isInstanceOf(IOException.class);
  }
}
