/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function's parameters as BTF or a system call's tracepoint describes them.
 *
 * @param parameters all of them, in order
 * @param returnType null if it is not known
 */
public record Prototype(List<Parameter> parameters, @Nullable CType returnType) {
  public Prototype {
    parameters = List.copyOf(parameters);
  }

  /**
   * @param name empty if it has none
   * @param user whether it is known to point to user memory
   */
  public record Parameter(String name, CType type, boolean user) {}
}
