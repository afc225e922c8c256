/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.util.List;

/** The compiler refused a text, or ended itself over it. The message has its last useful lines. */
public final class CompileException extends Exception {
  private static final long serialVersionUID = 1;

  private static final int SHOWN_LINES = 6;

  private final String log;

  CompileException(String reason, String log) {
    super(log.isEmpty() ? reason : reason + ":\n" + lastLines(log));
    this.log = log;
  }

  /** Everything that the compiler printed. */
  public String log() {
    return log;
  }

  private static String lastLines(String log) {
    List<String> lines = log.lines().filter(line -> !line.isBlank()).toList();
    int shown = Math.min(SHOWN_LINES, lines.size());
    String tail = String.join("\n", lines.subList(lines.size() - shown, lines.size()));
    int omitted = lines.size() - shown;
    return omitted == 0 ? tail : "(" + omitted + " lines omitted)\n" + tail;
  }
}
