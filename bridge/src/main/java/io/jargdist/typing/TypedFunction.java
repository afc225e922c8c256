/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel function as the kernel's BTF has it, which is what fentry and fexit programs are made
 * for.
 *
 * @param btfId its number there
 * @param parameters one for each parameter register that it uses
 * @param returnType null or {@link CType#OPAQUE} if it returns nothing
 */
public record TypedFunction(int btfId, List<CType> parameters, @Nullable CType returnType) {
  public TypedFunction {
    parameters = List.copyOf(parameters);
  }
}
