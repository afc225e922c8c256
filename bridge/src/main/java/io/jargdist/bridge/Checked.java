/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

/**
 * A specifier that can be attached.
 *
 * @param summary how the specifier was understood and where it would be attached, for people
 * @param program the generated C text
 */
public record Checked(String summary, String program) {
  /** Returns the summary and the program. */
  public String text() {
    return summary + "\n\n" + program;
  }
}
