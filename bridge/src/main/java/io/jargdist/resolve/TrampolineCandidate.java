/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.TypedFunction;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A kernel function to which fentry or fexit could be attached.
 *
 * @param function null if they cannot be attached
 * @param why why not, for people; empty if they can
 */
public record TrampolineCandidate(@Nullable TypedFunction function, String why) {
  /**
   * An fexit program on a function that never returns would keep its trampoline in memory for ever
   * (kernel/bpf/verifier.c refuses them since Linux 6.15, tools/objtool/noreturns.h has the list).
   */
  private static final Set<String> ENDLESS =
      Set.of(
          "do_exit",
          "do_group_exit",
          "kthread_exit",
          "kthread_complete_and_exit",
          "make_task_dead",
          "module_put_and_kthread_exit",
          "__module_put_and_kthread_exit",
          "rewind_stack_and_make_dead",
          "__x64_sys_exit",
          "__x64_sys_exit_group",
          "__arm64_sys_exit",
          "__arm64_sys_exit_group");

  private static TrampolineCandidate none(String why) {
    return new TrampolineCandidate(null, why);
  }

  /**
   * @param module of the function; null for the kernel itself
   */
  public static TrampolineCandidate of(
      String function, @Nullable String module, boolean atReturn, KernelTypes types) {
    if (types.unavailable() != null) {
      return none("this kernel has no BTF");
    }
    if (module != null) {
      return none("the function is a module's");
    }
    if (atReturn && ENDLESS.contains(function)) {
      return none("the function never returns");
    }
    Integer id = types.functionId(function);
    Prototype prototype = types.prototype(function, null);
    if (id == null || prototype == null) {
      return none("the kernel's BTF does not have the function");
    }
    List<CType> parameters = prototype.parameters().stream().map(p -> p.type()).toList();
    for (CType type : parameters) {
      if (!type.isScalar()) {
        return none("it takes more than numbers and addresses");
      }
    }
    if (parameters.size() > Architecture.current().parameterRegisters()) {
      return none("it has parameters that are not in registers");
    }
    return new TrampolineCandidate(new TypedFunction(id, parameters, prototype.returnType()), "");
  }
}
