/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.facts.TypedFunction;
import io.jargdist.kernel.BpfCode.Register;
import io.jargdist.os.KernelException;

/**
 * Tells whether a kernel function's entry or return can be probed through BPF's own trampoline
 * (fentry, fexit: Linux 5.5, x86-64; 6.0, aarch64). That is cheaper than a kprobe, and it misses
 * less: the return of every call that entered is seen, however many are in flight, and a program is
 * skipped only while it runs itself on that processor, which is counted.
 *
 * @param because for people; empty if it can
 */
public record TrampolineSupport(Answer answer, String because) {
  /** The answer to whether it can. */
  public enum Answer {
    YES,
    NO,
    /** The kernel did not let us ask. */
    UNKNOWN
  }

  /**
   * Asks the kernel's verifier, with a program that does with its context what ours do. Attaches
   * nothing.
   */
  public static TrampolineSupport of(TypedFunction function, boolean atReturn) {
    byte[] code =
        new BpfCode()
            .toBigEndian(Register.R1)
            .toBigEndian(Register.R1)
            .shiftRight(Register.R1, 1)
            .exit(0);
    BpfProgram.Purpose purpose = BpfProgram.Purpose.trampoline(function.btfId(), atReturn);
    try (BpfProgram program = BpfProgram.load("ask", purpose, code)) {
      // Linux 5.12 brought both. Without them, a program that calls the function it is attached to,
      // by a helper of BPF, would call itself without end.
      return program.hasRecursionMisses()
          ? new TrampolineSupport(Answer.YES, "")
          : new TrampolineSupport(
              Answer.NO,
              "this kernel does not keep such programs from calling themselves (5.12 does)");
    } catch (KernelException e) {
      return new TrampolineSupport(e.isPermission() ? Answer.UNKNOWN : Answer.NO, e.reason());
    }
  }
}
