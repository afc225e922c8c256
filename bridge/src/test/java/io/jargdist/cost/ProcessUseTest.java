/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;
import org.junit.jupiter.api.Test;

class ProcessUseTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void itIsWhatTheProcessTakesLessWhatTheProbesTake() {
    long[] cpu = {7 * SECOND};
    ProcessUse use = new ProcessUse(() -> cpu[0]);
    use.update(0, 0);
    assertThat(use.processors()).isEqualTo(1);
    cpu[0] += 30 * SECOND;
    use.update(SECOND, 250);
    assertThat(use.processors()).isEqualTo(27.5);
    cpu[0] += SECOND / 10;
    use.update(2 * SECOND, 0);
    assertThat(use.processors()).isEqualTo(1);
  }

  @Test
  void aProcessThatHasEndedCountsAsAnIdleOne() {
    boolean[] ended = {false};
    long[] cpu = {0};
    ProcessUse use =
        new ProcessUse(
            () -> {
              if (ended[0]) {
                throw new KernelException("reading the CPU time", "clock_gettime", 22);
              }
              return cpu[0];
            });
    use.update(0, 0);
    cpu[0] = 4 * SECOND;
    use.update(SECOND, 0);
    assertThat(use.processors()).isEqualTo(4);
    ended[0] = true;
    use.update(2 * SECOND, 0);
    assertThat(use.processors()).isEqualTo(1);
  }

  @Test
  void theKernelTellsTheTimeOfAProcessAndOfAThread() throws KernelException {
    long pid = ProcessHandle.current().pid();
    long before = Syscalls.cpuNanos(pid);
    long ofThread = Syscalls.cpuNanosOfThread();
    long start = System.nanoTime();
    while (Syscalls.cpuNanosOfThread() - ofThread < SECOND / 5) {
      Thread.onSpinWait();
    }
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SECOND / 5);
    assertThat((double) (Syscalls.cpuNanos(pid) - before))
        .isGreaterThan(SECOND / 5 * 0.95)
        .isCloseTo(SECOND / 5.0, within(SECOND * 10.0));
  }
}
