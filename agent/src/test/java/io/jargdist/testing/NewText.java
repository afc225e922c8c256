/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.util.Random;

/** Specifiers that need the compiler, since no C text like theirs was ever compiled here. */
public final class NewText {
  /** So many signs make two equal ones unlikely. */
  private static final int SIGNS = 40;

  private NewText() {}

  /** Returns an expression whose structure is new: texts do not depend on numbers. */
  public static String expression() {
    StringBuilder expression = new StringBuilder("1");
    new Random().ints(SIGNS, 0, 2).forEach(sign -> expression.append(sign == 0 ? "+1" : "-1"));
    return expression.toString();
  }
}
