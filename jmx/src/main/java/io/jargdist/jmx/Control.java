/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The callers that may change probes by JMX. Reading is not restricted: JMX itself decides who may
 * connect.
 *
 * <p>This does not concern the command line: the operating system decides who may load an agent.
 */
public enum Control {
  /** No caller. */
  OFF,
  /** Code in this JVM, and clients on this machine whose identity was proved. */
  LOCAL,
  /** All callers that JMX lets call operations. */
  ON;

  /**
   * @param word of the option {@code --control}
   * @throws IllegalArgumentException if it is no such word; the message has all words
   */
  public static Control of(String word) {
    for (Control control : values()) {
      if (control.toString().equals(word)) {
        return control;
      }
    }
    throw new IllegalArgumentException("--control takes off, local or on, not " + word);
  }

  /** Returns why this caller may not change anything; null if it may. */
  @Nullable String refusal(Caller caller) {
    return switch (this) {
      case ON -> null;
      case OFF -> "probes cannot be changed by JMX here: the agent was started with --control off";
      case LOCAL -> caller.refusal();
    };
  }

  /** Returns the word of the option {@code --control}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
