/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Terminal;
import java.time.ZonedDateTime;
import java.util.List;

/** Shows the probes' numbers, once an interval. */
interface Printer {
  /** The one that stdout and the environment ask for. */
  static Printer of(Display display) {
    if (display.json()) {
      return new JsonPrinter(Output.STDOUT, display);
    }
    String noColor = System.getenv("NO_COLOR");
    boolean screen =
        Terminal.sizeOf(Terminal.STDOUT) != null
            && (noColor == null || noColor.isEmpty())
            && !"dumb".equals(System.getenv("TERM"));
    return screen
        ? new ScreenPrinter(Output.STDOUT, display, () -> Terminal.sizeOf(Terminal.STDOUT))
        : new TextPrinter(Output.STDOUT, display);
  }

  /**
   * @param snapshots of all probes, in the order of display
   * @throws ClosedOutputException if its reader has gone
   */
  void print(ZonedDateTime time, List<ShownSnapshot> snapshots) throws ClosedOutputException;
}
