/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.ResolvedProbe.KernelFunction;
import io.jargdist.facts.TypedFunction;
import io.jargdist.specifier.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a kernel function. First come those of the specifier's signature, which may be
 * only the first ones or none. Then come those of the kernel's own prototype that have other names.
 *
 * <p>A system call's function has one parameter, a pointer to the registers that user space called
 * with (CONFIG_ARCH_HAS_SYSCALL_WRAPPER, since Linux 4.17). This class gives the system call's own
 * parameters, unless the signature says {@code struct pt_regs *}.
 */
public final class KernelSignature {
  private final List<Parameter> written;
  private final List<Prototype.Parameter> known;
  private final boolean systemCall;
  private final int places;
  private final Types types;
  private final Architecture architecture;

  KernelSignature(
      List<Parameter> written, KernelFunction function, Types types, Architecture architecture) {
    boolean raw = !written.isEmpty() && written.get(0).type().base().equals("struct pt_regs");
    Prototype prototype = function.prototype();
    TypedFunction typed = function.typed();
    this.written = written;
    this.systemCall = function.syscall() && !raw;
    this.known =
        prototype == null || function.syscall() != systemCall ? List.of() : prototype.parameters();
    int registers = typed == null ? architecture.parameterRegisters() : typed.parameters().size();
    this.places = systemCall ? architecture.syscallParameters().size() : registers;
    this.types = types;
    this.architecture = architecture;
  }

  /** Returns whether the parameters are in the registers that user space called with. */
  public boolean isSystemCall() {
    return systemCall;
  }

  List<FunctionParameter> parameters() {
    List<FunctionParameter> result = new ArrayList<>();
    List<@Nullable Integer> places = places(Math.max(written.size(), known.size()));
    for (int i = 0; i < written.size(); i++) {
      Parameter parameter = written.get(i);
      boolean user =
          systemCall || parameter.type().user() || (i < known.size() && known.get(i).user());
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
      List<FunctionParameter> result,
      String name,
      CType type,
      boolean user,
      @Nullable Integer place) {
    if (place != null && type.isScalar() && !name.isEmpty()) {
      result.add(new FunctionParameter(name, type, user ? Space.USER : Space.KERNEL, place));
    }
  }

  /** Returns the place where each parameter begins; null for one that is not in a register. */
  private List<@Nullable Integer> places(int count) {
    List<@Nullable Integer> result = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < count; i++) {
      int used = i < known.size() ? architecture.registers(known.get(i).type()) : 1;
      boolean fits = used > 0 && next + used <= places;
      result.add(fits ? next : null);
      next += fits ? used : 0;
    }
    return result;
  }
}
