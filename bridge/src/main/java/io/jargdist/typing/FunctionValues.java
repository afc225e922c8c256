/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.typing.Operand.Scalar;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that a program at a function's entry or return sees.
 *
 * @param wholeCalls whether a return program sees the parameters as they were at the entry; else it
 *     sees only what the entry program stored
 * @param returnType the type of {@code $retval}: an integer or a pointer
 * @param returnSpace which memory it leads to, if it is an address
 */
record FunctionValues(
    List<FunctionParameter> parameters,
    boolean atReturn,
    boolean wholeCalls,
    CType returnType,
    Space returnSpace)
    implements ProbeValues {
  FunctionValues {
    parameters = List.copyOf(parameters);
  }

  @Override
  public @Nullable Operand parameter(String name) {
    FunctionParameter found = find(name);
    return atReturn || found == null ? null : atEntry(found);
  }

  @Override
  public @Nullable Operand entryValue(String parameter) {
    FunctionParameter found = find(parameter);
    if (!atReturn || found == null) {
      return null;
    }
    return wholeCalls
        ? atEntry(found)
        : Scalar.seen(new TypedValue.EntryValue(found.place(), found.type()), found.space());
  }

  @Override
  public @Nullable Operand returnValue() {
    return atReturn ? Scalar.seen(new TypedValue.ReturnValue(returnType), returnSpace) : null;
  }

  @Override
  public @Nullable Operand latency() {
    return atReturn ? Scalar.number(new TypedValue.Latency()) : null;
  }

  @Override
  public List<String> names() {
    return parameters.stream().map(FunctionParameter::name).toList();
  }

  private static Scalar atEntry(FunctionParameter found) {
    return Scalar.seen(new TypedValue.Parameter(found.place(), found.type()), found.space());
  }

  private @Nullable FunctionParameter find(String name) {
    return parameters.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
  }
}
