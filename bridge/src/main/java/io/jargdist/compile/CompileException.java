/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.util.List;

/** The compiler refused a text, or ended itself over it. The message has its most useful lines. */
public final class CompileException extends Exception {
  private static final long serialVersionUID = 1;

  private static final int SHOWN_LINES = 6;

  private final String log;

  CompileException(String reason, String log) {
    super(log.isEmpty() ? reason : reason + ":\n" + usefulLines(log));
    this.log = log;
  }

  /** Everything that the compiler printed. */
  public String log() {
    return log;
  }

  /** Returns the lines that name errors, if there are any; else the last ones. */
  private static String usefulLines(String log) {
    List<String> lines = log.lines().filter(line -> !line.isBlank()).toList();
    List<String> errors =
        lines.stream()
            .filter(line -> line.contains("error:") || line.contains("LLVM ERROR"))
            .limit(SHOWN_LINES)
            .toList();
    List<String> shown =
        errors.isEmpty()
            ? lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())
            : errors;
    int omitted = lines.size() - shown.size();
    String text = String.join("\n", shown);
    return omitted == 0 ? text : text + "\n(" + omitted + " more lines omitted)";
  }
}
