/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

/** Our lines on the application's stderr: few, and each begins with our name. */
final class Stderr {
  private Stderr() {}

  static void print(String message) {
    System.err.println("jargdist: " + message.strip());
  }
}
