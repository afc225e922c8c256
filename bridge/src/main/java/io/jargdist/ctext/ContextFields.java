/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The registers, or fields of a record, that a program looks at. Each is loaded once, at the
 * beginning of the program. The compiler would merge loads in different branches into one load,
 * whose address the verifier could not determine.
 */
final class ContextFields {
  private final Map<String, String> variables = new LinkedHashMap<>();

  /**
   * Returns the variable that holds a field.
   *
   * @param c the field as C: {@code ctx->di}
   */
  String variable(String c) {
    return variables.computeIfAbsent(c, field -> field.replaceAll("[^A-Za-z0-9]+", "_"));
  }

  /** Returns the C declarations of all variables so far. */
  String declarations() {
    StringBuilder text = new StringBuilder();
    variables.forEach(
        (field, variable) ->
            text.append(String.format(Locale.ROOT, "  u64 %s = CONTEXT(%s);\n", variable, field)));
    return text.toString();
  }
}
