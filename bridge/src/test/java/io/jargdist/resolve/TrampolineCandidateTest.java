/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypedFunction;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Against the running kernel's BTF. */
class TrampolineCandidateTest {
  private final KernelTypes types = new KernelTypes();

  @Test
  void aFunctionOfTheKernelHasItsParametersAndItsNumber() {
    TrampolineCandidate found = TrampolineCandidate.of("vfs_read", null, true, types);
    TypedFunction function = Objects.requireNonNull(found.function());
    assertThat(function.parameters()).hasSize(4);
    assertThat(function.parameters().get(2)).isEqualTo(CType.U64);
    assertThat(function.returnType()).isEqualTo(CType.S64);
    assertThat(function.btfId()).isEqualTo(types.functionId("vfs_read"));
    assertThat(found.why()).isEmpty();
  }

  @Test
  void whatNeverReturnsIsACandidateForItsEntryOnly() {
    assertThat(TrampolineCandidate.of("do_exit", null, true, types))
        .isEqualTo(new TrampolineCandidate(null, "the function never returns"));
    assertThat(TrampolineCandidate.of("do_exit", null, false, types).function()).isNotNull();
  }

  @Test
  void whatTheKernelItselfDoesNotHaveIsNone() {
    assertThat(TrampolineCandidate.of("vfs_read", "module", false, types).why())
        .isEqualTo("the function is a module's");
    assertThat(TrampolineCandidate.of("vfs_raed", null, false, types).why())
        .isEqualTo("the kernel's BTF does not have the function");
  }
}
