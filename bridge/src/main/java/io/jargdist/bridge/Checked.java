/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

/**
 * A specifier that can be attached.
 *
 * @param summary for people: how it was understood, and where it would be attached
 * @param program the generated C text
 */
public record Checked(String summary, String program) {
  /** Both. */
  public String text() {
    return summary + "\n\n" + program;
  }
}
