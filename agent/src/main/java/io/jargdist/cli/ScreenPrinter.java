/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.Terminal;
import java.io.PrintStream;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For a terminal: the same lines in colours, each print in the place of the one before, as much of
 * it as the terminal shows at that moment.
 */
final class ScreenPrinter implements Printer {
  private static final String CLEAR_SCREEN = "\u001b[2J";
  private static final String TO_THE_TOP = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final String GREEN = "\u001b[32m";
  private static final String RED = "\u001b[31m";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";
  private static final Pattern BAR = Pattern.compile("(.* \\|)(\\*+)(.*)");
  private static final int TAB = 8;

  private final PrintStream out;
  private final Display display;
  private final Supplier<Terminal.@Nullable Size> size;
  private boolean begun;

  /**
   * @param size asked for at each print
   */
  ScreenPrinter(PrintStream out, Display display, Supplier<Terminal.@Nullable Size> size) {
    this.out = out;
    this.display = display;
    this.size = size;
  }

  @Override
  public void print(ZonedDateTime time, List<Reading> readings) throws ClosedOutputException {
    List<String> lines = TextPrinter.lines(time, readings, display);
    Terminal.Size now = size.get();
    if (now == null || display.prints() == 1) {
      lines.forEach(line -> out.println(coloured(line)));
    } else {
      out.print(frame(lines, now));
    }
    ClosedOutputException.check(out);
  }

  private String frame(List<String> all, Terminal.Size now) {
    List<String> lines = new ArrayList<>(all);
    int most = now.rows() - 1;
    if (lines.size() > most) {
      int left = lines.size() - most + 1;
      lines.subList(most - 1, lines.size()).clear();
      lines.add("... " + left + " more lines: | cat shows them all");
    }
    StringBuilder text = new StringBuilder(begun ? "" : CLEAR_SCREEN).append(TO_THE_TOP);
    begun = true;
    for (String line : lines) {
      text.append(coloured(cut(line, now.columns()))).append(CLEAR_LINE).append('\n');
    }
    return text.append(CLEAR_BELOW).toString();
  }

  /** Lines that wrapped would move all others. A tab is only ever at the beginning. */
  private static String cut(String line, int columns) {
    int most = line.startsWith("\t") ? columns - TAB + 1 : columns;
    return line.length() <= most ? line : line.substring(0, Math.max(0, most));
  }

  private static String coloured(String line) {
    if (line.startsWith("lost ")) {
      return RED + line + PLAIN;
    } else if (line.startsWith("[")) {
      return BOLD + line + PLAIN;
    }
    Matcher bar = BAR.matcher(line);
    return bar.matches() ? bar.group(1) + GREEN + bar.group(2) + PLAIN + bar.group(3) : line;
  }
}
