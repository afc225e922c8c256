/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResolvedProbe.TracepointField;
import io.jargdist.facts.TypedFunction;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Tells how the C text of a program finds the values that the kernel passes to it.
 *
 * @param struct the C struct that the program gets as {@code struct STRUCT *ctx}
 * @param parameters of the function, one for each parameter register, as C
 * @param returnValue as C
 * @param frame a number that tells the calls of a thread apart, as C: less for a deeper call
 * @param returnFrameOffset what to subtract from that number at the return to get the one at the
 *     entry
 * @param wholeCalls whether a return program sees the parameters as they were at the entry, and
 *     runs for every call that an entry program would see
 * @param returnInstructions whether a return program runs at return instructions, also for calls
 *     that an entry program does not see
 * @param declarations C declarations that must stand before the programs
 */
public record ProgramContext(
    String struct,
    List<String> parameters,
    String returnValue,
    String frame,
    int returnFrameOffset,
    boolean wholeCalls,
    boolean returnInstructions,
    String declarations) {
  private static final String SYSCALL_ARGUMENT = "SYSCALL_ARGUMENT";

  public ProgramContext {
    parameters = List.copyOf(parameters);
  }

  /** Returns the context of uprobes and kprobes: the processor's registers. */
  public static ProgramContext registers(Architecture architecture) {
    return new ProgramContext(
        "pt_regs",
        architecture.parameters().stream().map(field -> "ctx->" + field).toList(),
        "ctx->" + architecture.returnValue(),
        "ctx->sp",
        architecture.returnStackOffset(),
        false,
        false,
        "");
  }

  /**
   * Returns the same context for programs that run before return instructions, not behind them: the
   * stack pointer is what it was at the entry.
   */
  public ProgramContext ofReturnInstructions() {
    return new ProgramContext(
        struct, parameters, returnValue, frame, 0, wholeCalls, true, declarations);
  }

  /**
   * Returns whether a return whose entry is not known is one that has none, so that it is no loss.
   * Skipped runs of the entry program are counted then.
   */
  public boolean knowsMissedEntries() {
    return wholeCalls || returnInstructions;
  }

  /**
   * Returns the context of fentry and fexit: the parameters, and behind them the returned value.
   * They are in the stack frame of the kernel's trampoline, which calls the function. The frame's
   * address tells calls apart as the stack pointer does, since fentry and fexit of a call use the
   * same frame (arch_prepare_bpf_trampoline in arch/x86/net/bpf_jit_comp.c). The trampoline writes
   * only a parameter's own bytes into its place.
   *
   * @param prefix of the names that it declares
   */
  public static ProgramContext trampoline(TypedFunction function, String prefix) {
    List<CType> parameters = function.parameters();
    CType returned = function.returnType();
    return new ProgramContext(
        prefix + "trampoline",
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
        false,
        String.format(
            Locale.ROOT,
            """
        struct %strampoline { u64 values[%d]; };

        // The verifier does not let a program calculate with what it knows to be an address. Swapping
        // its bytes makes it a number, and swapping them again makes it the right one.
        #define PLAIN(address) ({ \\
          u64 number_ = __builtin_bswap64((u64)(address)); \\
          asm volatile("" : "+r"(number_)); \\
          __builtin_bswap64(number_); })

        #define ARGUMENT(type, index) ((type)PLAIN(ctx->values[index]))

        """,
            prefix,
            parameters.size() + 1));
  }

  /**
   * Returns the context of a tracepoint: its record. Each readable field is named after its offset.
   *
   * @param prefix of the name that it declares
   */
  public static ProgramContext record(List<TracepointField> fields, String prefix) {
    StringBuilder text = new StringBuilder("struct " + prefix + "record {\n");
    int end = 0;
    List<TracepointField> inOrder =
        fields.stream().sorted(Comparator.comparingInt(TracepointField::offset)).toList();
    for (TracepointField field : inOrder) {
      if (!field.isDirect() || field.offset() < end) {
        continue;
      }
      if (field.offset() > end) {
        text.append(String.format(Locale.ROOT, "  char gap_%d[%d];\n", end, field.offset() - end));
      }
      text.append(
          String.format(
              Locale.ROOT,
              "  %s %s;\n",
              CTypes.name(field.storage()),
              recordField(field.offset())));
      end = field.offset() + field.size();
    }
    return new ProgramContext(
        prefix + "record", List.of(), "", "", 0, false, false, text.append("};\n\n").toString());
  }

  /** Returns the name of a record's field. */
  static String recordField(int offset) {
    return "at_" + offset;
  }

  /**
   * Returns the same context for a system call's function. The function's only parameter points to
   * the registers that hold the system call's parameters.
   *
   * @param prefix of the name that it declares
   */
  public ProgramContext ofSystemCall(Architecture architecture, String prefix) {
    String name = prefix.toUpperCase(Locale.ROOT) + SYSCALL_ARGUMENT;
    String macro =
        String.format(
            Locale.ROOT,
            """
        #define %s(field) ({ \\
          u64 argument_ = 0; \\
          bpf_probe_read_kernel(&argument_, sizeof(argument_), \\
              (void *)(%s + __builtin_offsetof(struct pt_regs, field))); \\
          argument_; })

        """,
            name,
            parameters.get(0));
    return new ProgramContext(
        struct,
        architecture.syscallParameters().stream().map(field -> name + "(" + field + ")").toList(),
        returnValue,
        frame,
        returnFrameOffset,
        wholeCalls,
        returnInstructions,
        declarations + macro);
  }

  /**
   * Returns a C type with exactly a parameter's own bits. A cast to bool would also look at the
   * bits beside them.
   */
  private static String bits(CType type) {
    return type instanceof CType.Int integer && integer.truth() ? "u8" : CTypes.name(type);
  }
}
