/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Tests that need something which a machine may lack. */
public final class Skips {
  private Skips() {}

  /** Skips the test if the condition does not hold; fails it where skips are forbidden. */
  public static void unless(boolean condition, String reason) {
    if (condition) {
      return;
    }
    if ("forbidden".equals(System.getProperty("jargdist.skips"))) {
      Assertions.fail("skips are forbidden, and " + reason);
    }
    System.err.println("skipped: " + reason);
    Assumptions.abort(reason);
  }
}
