/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parsed specifier. Immutable, and true of any machine: names are not looked up.
 *
 * @param text the whole text as written, label included
 * @param form what its values are collected into
 * @param values one for a histogram, any number for a frequency; empty means argdist's default (the
 *     return value of an {@code r} probe, else just the number of calls)
 * @param filter counts an event only if it is not zero
 * @param label what follows {@code #}
 */
public record Specifier(
    String text,
    Form form,
    ProbePoint point,
    List<Parameter> parameters,
    List<TypedExpression> values,
    @Nullable Expression filter,
    @Nullable String label) {
  public Specifier {
    parameters = List.copyOf(parameters);
    values = List.copyOf(values);
  }
}
