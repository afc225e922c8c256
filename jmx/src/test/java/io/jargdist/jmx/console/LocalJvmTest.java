/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import org.junit.jupiter.api.Test;

class LocalJvmTest {
  private final RuntimeMXBean self = ManagementFactory.getRuntimeMXBean();

  @Test
  void aJvmOfThisMachineIsFoundByItsName() {
    JvmSnapshot.Jvm jvm = new JvmSnapshot.Jvm(self.getName(), self.getStartTime());
    assertThat(LocalJvm.of(jvm)).isEqualTo(new LocalJvm(ProcessHandle.current().pid()));
  }

  @Test
  void othersAreNot() {
    String pid = Long.toString(ProcessHandle.current().pid());
    assertThat(LocalJvm.of(new JvmSnapshot.Jvm(pid + "@elsewhere.example", self.getStartTime())))
        .isNull();
    // The same number in another pid namespace, or after a reboot.
    assertThat(LocalJvm.of(new JvmSnapshot.Jvm(self.getName(), self.getStartTime() - 3_600_000)))
        .isNull();
    assertThat(LocalJvm.of(new JvmSnapshot.Jvm("", 0))).isNull();
    assertThat(LocalJvm.of(new JvmSnapshot.Jvm("x@y", 0), "1@y")).isNull();
  }
}
