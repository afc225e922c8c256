/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the machine knows of a function's parameters, from BTF or a system call's tracepoint.
 *
 * @param parameters in order, all of them
 * @param returnType null if it is not known
 */
public record Prototype(List<Parameter> parameters, @Nullable CType returnType) {
  public Prototype {
    parameters = List.copyOf(parameters);
  }

  /**
   * @param name empty if it has none
   * @param user whether it points to user memory; false if nothing says so
   */
  public record Parameter(String name, CType type, boolean user) {}
}
