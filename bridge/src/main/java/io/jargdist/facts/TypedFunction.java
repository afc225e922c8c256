/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel function as the kernel's BTF describes it. fentry and fexit programs are made for it.
 *
 * @param btfId its number in BTF
 * @param parameters one for each parameter register that it uses
 * @param returnType null or {@link CType#OPAQUE} if it returns nothing
 */
public record TypedFunction(int btfId, List<CType> parameters, @Nullable CType returnType) {
  public TypedFunction {
    parameters = List.copyOf(parameters);
  }
}
