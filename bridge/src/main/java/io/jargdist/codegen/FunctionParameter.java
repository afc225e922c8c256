/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Space;
import io.jargdist.specifier.Parameter;
import io.jargdist.typing.CType;
import io.jargdist.typing.Types;
import java.util.ArrayList;
import java.util.List;

/**
 * A function's parameter as a program finds it when the function is entered.
 *
 * @param type an integer or a pointer
 * @param space which memory it leads to, if it is an address
 * @param c the C expression of its 64 bits
 */
record FunctionParameter(String name, CType type, Space space, String c) {
  /** Those of a function in user space: as many as there are parameter registers. */
  static List<FunctionParameter> inUserSpace(
      List<Parameter> signature, Types types, CallContext context) {
    List<FunctionParameter> result = new ArrayList<>();
    List<String> places = context.parameters();
    for (int i = 0; i < signature.size() && i < places.size(); i++) {
      Parameter parameter = signature.get(i);
      result.add(
          new FunctionParameter(
              parameter.name(), types.inRegister(parameter.type()), Space.USER, places.get(i)));
    }
    return result;
  }
}
