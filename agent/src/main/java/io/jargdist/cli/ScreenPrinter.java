/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.cli.Output.Control;
import io.jargdist.os.Terminal;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prints to a terminal: the same lines in colours, with the figures of {@code --stats}. Each print
 * replaces the one before and is cut to the size of the terminal.
 */
final class ScreenPrinter implements Printer {
  private static final Pattern BAR = Pattern.compile("(.* \\|)(\\*+)(.*)");
  private static final int TAB = 8;

  private final Output out;
  private final Display display;
  private final Supplier<Terminal.@Nullable Size> size;
  private boolean begun;

  /**
   * @param size asked for at each print
   */
  ScreenPrinter(Output out, Display display, Supplier<Terminal.@Nullable Size> size) {
    this.out = out;
    this.display = display.withStats();
    this.size = size;
  }

  @Override
  public void print(ZonedDateTime time, List<ShownSnapshot> snapshots)
      throws ClosedOutputException {
    List<String> lines = TextPrinter.lines(time, snapshots, display);
    Terminal.Size now = size.get();
    if (now == null || display.prints() == 1) {
      lines.forEach(line -> coloured(out.visible(line)).endLine());
    } else {
      frame(lines, now);
    }
    out.check();
  }

  private void frame(List<String> all, Terminal.Size now) {
    List<String> lines = new ArrayList<>(all);
    int most = now.rows() - 1;
    if (lines.size() > most) {
      int left = lines.size() - most + 1;
      lines.subList(most - 1, lines.size()).clear();
      lines.add("... " + left + " more lines: | cat shows them all");
    }
    if (!begun) {
      out.control(Control.CLEAR_SCREEN);
    }
    begun = true;
    out.control(Control.TO_THE_TOP);
    for (String line : lines) {
      coloured(cut(out.visible(line), now.columns())).control(Control.CLEAR_LINE).endLine();
    }
    out.control(Control.CLEAR_BELOW);
  }

  /** Lines that wrapped would move all others. A tab is only ever at the beginning. */
  private static String cut(String line, int columns) {
    int most = line.startsWith("\t") ? columns - TAB + 1 : columns;
    return line.length() <= most ? line : line.substring(0, Math.max(0, most));
  }

  private Output coloured(String line) {
    if (line.startsWith("lost ")) {
      return out.control(Control.RED).part(line).control(Control.PLAIN);
    } else if (line.startsWith("[")) {
      return out.control(Control.BOLD).part(line).control(Control.PLAIN);
    }
    Matcher bar = BAR.matcher(line);
    if (!bar.matches()) {
      return out.part(line);
    }
    out.part(bar.group(1)).control(Control.GREEN).part(bar.group(2)).control(Control.PLAIN);
    return out.part(bar.group(3));
  }
}
