/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.os.Layout.Field;
import org.jspecify.annotations.Nullable;

/** Tells whether this process's output is a terminal, and its size at the moment. */
public final class Terminal {
  public static final int STDOUT = 1;
  public static final int STDERR = 2;

  /** ioctl_tty(2): TIOCGWINSZ, the same on x86-64 and AArch64. */
  private static final long GET_WINDOW_SIZE = 0x5413;

  private static final Layout WINDOW = new Layout("struct winsize", "sys/ioctl.h", 8);
  private static final Field ROWS = WINDOW.field("ws_row", 0, 2);
  private static final Field COLUMNS = WINDOW.field("ws_col", 2, 2);

  private static final Size USUAL = new Size(24, 80);

  private Terminal() {}

  /** A size in characters, each at least 2. */
  public record Size(int rows, int columns) {}

  /**
   * @param fd {@link #STDOUT} or {@link #STDERR}
   * @return null if it is not a terminal
   */
  public static @Nullable Size sizeOf(int fd) {
    Struct size = new Struct(WINDOW);
    try {
      Syscalls.ioctl("asking for the terminal's size", fd, GET_WINDOW_SIZE, size);
    } catch (KernelException e) {
      return null;
    }
    int rows = size.getInt(ROWS);
    int columns = size.getInt(COLUMNS);
    return rows < 2 || columns < 2 ? USUAL : new Size(rows, columns);
  }
}
