/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.typing.Architecture;
import io.jargdist.typing.CType;
import io.jargdist.typing.TypedFunction;
import io.jargdist.typing.Types;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How the C text of a program that runs at a function's entry or return finds the call.
 *
 * @param struct what the program is passed, as C: {@code struct STRUCT *ctx}
 * @param parameters of the function, one for each parameter register, as C
 * @param returnValue as C
 * @param frame a number that tells the calls of a thread apart, as C: less for a deeper call
 * @param returnFrameOffset what is to be subtracted from that number at the return to get the one
 *     at the entry
 * @param wholeCalls whether a return program has the parameters, too, as they were at the entry,
 *     and runs for every call that the entry program could have seen
 * @param declarations what the C text needs before the programs
 */
record CallContext(
    String struct,
    List<String> parameters,
    String returnValue,
    String frame,
    int returnFrameOffset,
    boolean wholeCalls,
    String declarations) {
  CallContext {
    parameters = List.copyOf(parameters);
  }

  /** Of uprobes and kprobes: the processor's registers. */
  static CallContext registers(Architecture architecture) {
    return new CallContext(
        "pt_regs",
        architecture.parameters().stream().map(field -> "ctx->" + field).toList(),
        "ctx->" + architecture.returnValue(),
        "ctx->sp",
        architecture.returnStackOffset(),
        false,
        "");
  }

  /**
   * Of fentry and fexit: the parameters, behind them the returned value. They are in the stack
   * frame of the kernel's trampoline, which calls the function from there, so it tells calls apart
   * as the stack pointer does: the same frame serves fentry and fexit of a call
   * (arch_prepare_bpf_trampoline in arch/x86/net/bpf_jit_comp.c). A parameter's place there has
   * only its own bytes written.
   */
  static CallContext trampoline(TypedFunction function) {
    List<CType> parameters = function.parameters();
    CType returned = function.returnType();
    return new CallContext(
        "trampoline",
        IntStream.range(0, parameters.size())
            .mapToObj(
                i -> String.format(Locale.ROOT, "ARGUMENT(%s, %d)", bits(parameters.get(i)), i))
            .toList(),
        returned != null && returned.isScalar()
            ? String.format(Locale.ROOT, "ARGUMENT(u64, %d)", parameters.size())
            : "(0ULL)",
        "PLAIN(ctx)",
        0,
        true,
        String.format(
            Locale.ROOT,
            """
        struct trampoline { u64 values[%d]; };

        // The verifier does not let a program calculate with what it knows to be an address. Swapping
        // its bytes makes it a number, and swapping them again makes it the right one.
        #define PLAIN(address) ({ \\
          u64 number_ = __builtin_bswap64((u64)(address)); \\
          asm volatile("" : "+r"(number_)); \\
          __builtin_bswap64(number_); })

        #define ARGUMENT(type, index) ((type)PLAIN(ctx->values[index]))

        """,
            parameters.size() + 1));
  }

  /** The C type of a parameter's own bits; as bool, whatever is beside them would count. */
  private static String bits(CType type) {
    return type instanceof CType.Int integer && integer.truth() ? "u8" : Types.cName(type);
  }
}
