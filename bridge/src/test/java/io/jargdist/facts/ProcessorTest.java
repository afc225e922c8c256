/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcessorTest {
  @Test
  void anUnknownProcessorIsNotTakenForAnother() {
    assertThat(Architecture.of("amd64")).isEqualTo(Architecture.X86_64);
    assertThat(Architecture.of("aarch64")).isEqualTo(Architecture.AARCH64);
    assertThatThrownBy(() -> Architecture.of("riscv64"))
        .hasMessage("jargdist works on x86-64 and arm64, and this JVM runs on riscv64");
  }
}
