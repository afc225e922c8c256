/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.specifier.Parameter;
import io.jargdist.specifier.TypeName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function's entry or return program sees. At return, a parameter's value is the one that
 * the entry program kept; only those that were asked for are kept.
 */
final class FunctionValues implements ProbeValues {
  private final List<Parameter> parameters;
  private final boolean atReturn;
  private final @Nullable TypeName returnType;
  private final Types types;
  private final Architecture architecture;
  private final List<Integer> kept = new ArrayList<>();
  private boolean latencyUsed;

  /**
   * @param returnType the declared type of {@code $retval}; null means {@code s64}
   */
  FunctionValues(
      List<Parameter> parameters,
      boolean atReturn,
      @Nullable TypeName returnType,
      Types types,
      Architecture architecture) {
    this.parameters = parameters;
    this.atReturn = atReturn;
    this.returnType = returnType;
    this.types = types;
    this.architecture = architecture;
  }

  @Override
  public @Nullable Operand parameter(String name) {
    int index = indexOf(name);
    return atReturn || index < 0 ? null : typed(parameters.get(index).type(), register(index));
  }

  @Override
  public @Nullable Operand entryValue(String parameter) {
    int index = indexOf(parameter);
    if (!atReturn || index < 0) {
      return null;
    }
    if (!kept.contains(index)) {
      kept.add(index);
    }
    return typed(parameters.get(index).type(), "entry_" + index);
  }

  @Override
  public @Nullable Operand returnValue() {
    String register = "ctx->" + architecture.returnValue();
    if (!atReturn) {
      return null;
    }
    return returnType == null
        ? new Scalar("((s64)" + register + ")", CType.S64, Space.USER)
        : typed(returnType, register);
  }

  @Override
  public @Nullable Operand latency() {
    latencyUsed |= atReturn;
    return atReturn ? new Scalar("latency", CType.U64, Space.NONE) : null;
  }

  @Override
  public List<String> names() {
    return parameters.stream().map(Parameter::name).toList();
  }

  /** The indices of the parameters that the entry program must keep. */
  List<Integer> kept() {
    return kept;
  }

  /** Whether the return program needs what an entry program recorded. */
  boolean needsEntry() {
    return latencyUsed || !kept.isEmpty();
  }

  /** The register of a parameter at the function's entry. */
  String register(int index) {
    return "ctx->" + architecture.parameters().get(index);
  }

  private int indexOf(String name) {
    for (int i = 0; i < parameters.size() && i < architecture.parameters().size(); i++) {
      if (parameters.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** A 64-bit value as C would see it through its declared type; unknown types are numbers. */
  private Scalar typed(TypeName name, String c) {
    CType type = types.resolve(name);
    if (type instanceof CType.Pointer) {
      return new Scalar("((u64)" + c + ")", type, Space.USER);
    }
    CType.Int integer = type instanceof CType.Int known ? known : CType.S64;
    Space space = integer.size() == 8 ? Space.USER : Space.NONE;
    return new Scalar("((" + Types.cName(integer) + ")" + c + ")", integer, space);
  }
}
