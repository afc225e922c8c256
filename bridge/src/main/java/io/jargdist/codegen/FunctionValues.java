/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.typing.CType;
import io.jargdist.typing.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function's entry or return program sees. At return, a parameter's value is the one that
 * the entry program kept; only those that were asked for are kept.
 */
final class FunctionValues implements ProbeValues {
  private final List<FunctionParameter> parameters;
  private final boolean atReturn;
  private final CType returnType;
  private final Space returnSpace;
  private final CallContext call;
  private final ContextFields context = new ContextFields();
  private final List<Integer> kept = new ArrayList<>();
  private boolean latencyUsed;

  /**
   * @param returnType the type of {@code $retval}: an integer or a pointer
   * @param returnSpace which memory it leads to, if it is an address
   */
  FunctionValues(
      List<FunctionParameter> parameters,
      boolean atReturn,
      CType returnType,
      Space returnSpace,
      CallContext call) {
    this.parameters = parameters;
    this.atReturn = atReturn;
    this.returnType = returnType;
    this.returnSpace = returnSpace;
    this.call = call;
  }

  @Override
  public @Nullable Operand parameter(String name) {
    int index = indexOf(name);
    if (atReturn || index < 0) {
      return null;
    }
    FunctionParameter parameter = parameters.get(index);
    return typed(parameter.type(), parameter.space(), context.variable(parameter.c()));
  }

  @Override
  public @Nullable Operand entryValue(String parameter) {
    int index = indexOf(parameter);
    if (!atReturn || index < 0) {
      return null;
    }
    FunctionParameter found = parameters.get(index);
    if (call.wholeCalls()) {
      return typed(found.type(), found.space(), context.variable(found.c()));
    }
    if (!kept.contains(index)) {
      kept.add(index);
    }
    return typed(found.type(), found.space(), "entry_" + index);
  }

  @Override
  public @Nullable Operand returnValue() {
    return atReturn ? typed(returnType, returnSpace, context.variable(call.returnValue())) : null;
  }

  @Override
  public @Nullable Operand latency() {
    latencyUsed |= atReturn;
    return atReturn ? new Scalar("latency", CType.U64, Space.NONE) : null;
  }

  @Override
  public List<String> names() {
    return parameters.stream().map(FunctionParameter::name).toList();
  }

  @Override
  public String declarations() {
    return context.declarations();
  }

  boolean atReturn() {
    return atReturn;
  }

  /** The indices of the parameters that the entry program must keep. */
  List<Integer> kept() {
    return kept;
  }

  CallContext call() {
    return call;
  }

  boolean usesLatency() {
    return latencyUsed;
  }

  /** Whether the return program needs what an entry program recorded. */
  boolean needsEntry() {
    return latencyUsed || !kept.isEmpty();
  }

  /** The C expression of a parameter at the function's entry. */
  String register(int index) {
    return parameters.get(index).c();
  }

  private int indexOf(String name) {
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** A 64-bit value as C would see it through its type. */
  private static Scalar typed(CType type, Space space, String c) {
    if (!(type instanceof CType.Int integer)) {
      return new Scalar("((u64)" + c + ")", type, space);
    }
    return new Scalar(Types.narrow(integer, c), integer, integer.size() == 8 ? space : Space.NONE);
  }
}
