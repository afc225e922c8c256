/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.specifier.Parameter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A function's parameter as a program finds it at the function's entry.
 *
 * @param type an integer or a pointer
 * @param space which memory it leads to, if it is an address
 * @param place see {@link TypedValue.Parameter}
 */
record FunctionParameter(String name, CType type, Space space, int place) {
  /**
   * Returns the parameters of a function in user space, at most as many as there are parameter
   * registers.
   */
  static List<FunctionParameter> inUserSpace(
      List<Parameter> signature, Types types, Architecture architecture) {
    return IntStream.range(0, Math.min(signature.size(), architecture.parameterRegisters()))
        .mapToObj(
            i ->
                new FunctionParameter(
                    signature.get(i).name(),
                    types.inRegister(signature.get(i).type()),
                    Space.USER,
                    i))
        .toList();
  }
}
