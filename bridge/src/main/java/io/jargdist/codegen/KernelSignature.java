/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Space;
import io.jargdist.codegen.ResolvedProbe.KernelFunction;
import io.jargdist.specifier.Parameter;
import io.jargdist.typing.Architecture;
import io.jargdist.typing.CType;
import io.jargdist.typing.Prototype;
import io.jargdist.typing.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a kernel function: those of the specifier's signature, which may name only the
 * first ones or none, and behind them those that the kernel's own prototype has under other names.
 *
 * <p>A system call's function has one parameter, a pointer to the registers that user space called
 * with (CONFIG_ARCH_HAS_SYSCALL_WRAPPER, since Linux 4.17). Its parameters here are the real ones,
 * unless the signature itself says {@code struct pt_regs *}.
 */
final class KernelSignature {
  private static final String SYSCALL_ARGUMENT = "SYSCALL_ARGUMENT";

  private final List<Parameter> written;
  private final List<Prototype.Parameter> known;
  private final boolean syscall;
  private final Types types;
  private final CallContext context;
  private final Architecture architecture;

  KernelSignature(
      List<Parameter> written,
      KernelFunction function,
      Types types,
      CallContext context,
      Architecture architecture) {
    boolean raw = !written.isEmpty() && written.get(0).type().base().equals("struct pt_regs");
    Prototype prototype = function.prototype();
    this.written = written;
    this.syscall = function.syscall() && !raw;
    this.known =
        prototype == null || function.syscall() != syscall ? List.of() : prototype.parameters();
    this.types = types;
    this.context = context;
    this.architecture = architecture;
  }

  /** What the C text needs before the programs. */
  String declarations() {
    return !syscall
        ? ""
        : String.format(
            Locale.ROOT,
            """
        #define %s(field) ({ \\
          u64 argument_ = 0; \\
          bpf_probe_read_kernel(&argument_, sizeof(argument_), \\
              (void *)(%s + __builtin_offsetof(struct pt_regs, field))); \\
          argument_; })

        """,
            SYSCALL_ARGUMENT,
            context.parameters().get(0));
  }

  List<FunctionParameter> parameters() {
    List<FunctionParameter> result = new ArrayList<>();
    List<@Nullable String> places = places(Math.max(written.size(), known.size()));
    for (int i = 0; i < written.size(); i++) {
      Parameter parameter = written.get(i);
      boolean user =
          syscall || parameter.type().user() || (i < known.size() && known.get(i).user());
      add(result, parameter.name(), types.inRegister(parameter.type()), user, places.get(i));
    }
    for (int i = 0; i < known.size(); i++) {
      Prototype.Parameter parameter = known.get(i);
      if (written.stream().noneMatch(one -> one.name().equals(parameter.name()))) {
        add(result, parameter.name(), parameter.type(), parameter.user(), places.get(i));
      }
    }
    return result;
  }

  private static void add(
      List<FunctionParameter> result, String name, CType type, boolean user, @Nullable String c) {
    if (c != null && type.isScalar() && !name.isEmpty()) {
      result.add(new FunctionParameter(name, type, user ? Space.USER : Space.KERNEL, c));
    }
  }

  /** Where each parameter begins, as C; null for one that is not in a register. */
  private List<@Nullable String> places(int count) {
    List<String> registers =
        syscall
            ? architecture.syscallParameters().stream()
                .map(field -> SYSCALL_ARGUMENT + "(" + field + ")")
                .toList()
            : context.parameters();
    List<@Nullable String> places = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < count; i++) {
      int used = i < known.size() ? architecture.registers(known.get(i).type()) : 1;
      boolean fits = used > 0 && next + used <= registers.size();
      places.add(fits ? registers.get(next) : null);
      next += fits ? used : 0;
    }
    return places;
  }
}
