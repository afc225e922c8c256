/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import org.jspecify.annotations.Nullable;

/**
 * A place in a variable that the kernel has for each processor.
 *
 * @param id the variable's number in the kernel's BTF
 * @param offset in the variable, in bytes
 */
public record KernelVariable(int id, int offset) {
  /**
   * Returns the word that says whether a processor is in an interrupt. On x86-64 it is a variable
   * of its own, but from Linux 6.2 to 6.14 it is a member of {@code pcpu_hot}
   * (arch/x86/include/asm/current.h). Elsewhere it is not a variable.
   *
   * @return null if the kernel does not tell where it is
   */
  public static @Nullable KernelVariable preemptCount(TypeSource types) {
    Integer own = types.variableId("__preempt_count");
    if (own != null) {
      return new KernelVariable(own, 0);
    }
    Integer hot = types.variableId("pcpu_hot");
    if (hot == null || !(types.named("struct pcpu_hot") instanceof CType.Struct struct)) {
      return null;
    }
    TypeSource.Member member = types.member(struct, "preempt_count");
    return member == null ? null : new KernelVariable(hot, member.offset());
  }
}
