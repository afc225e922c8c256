/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.bridge.LocalBridge;
import java.util.stream.Stream;

/**
 * Loads the classes that a probe needs while the arguments are still parsed, which takes as long.
 * What it does is of no importance; a second processor has it done before it is needed.
 */
final class Rehearsal {
  private Rehearsal() {}

  /** Begins, in the background, if there seems to be a specifier among the arguments. */
  static void start(String[] arguments) {
    if (Stream.of(arguments).anyMatch(argument -> argument.contains(":"))) {
      Thread thread = new Thread(LocalBridge::rehearse, "rehearsal");
      thread.setDaemon(true);
      thread.start();
    }
  }
}
