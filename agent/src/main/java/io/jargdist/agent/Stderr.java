/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.text.VisibleText;

/**
 * Our lines on the application's stderr: few, each begins with our name, and what others say cannot
 * forge one ({@link VisibleText}).
 */
final class Stderr {
  private Stderr() {}

  static void print(String message) {
    System.err.println("jargdist: " + VisibleText.message(message));
  }
}
