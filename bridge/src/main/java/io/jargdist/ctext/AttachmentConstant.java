/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import java.util.Locale;

/**
 * What a program compares with and is the same as long as it is attached, but not known when it is
 * compiled: a compiled text is kept and serves any process. The text has the placeholder, which the
 * loader replaces in the program's instructions, so that no program looks into a table for it.
 *
 * <p>The loader knows a placeholder by its number and by the instruction behind it, which moves the
 * register to itself: a specifier may contain the number, but compilers make no such instruction.
 */
public enum AttachmentConstant {
  PROCESS(0x6a61_7267_7069_6421L),
  THREAD(0x6a61_7267_7469_6421L),
  /** Of the pid namespace's file. */
  DEVICE(0x6a61_7267_6465_7621L),
  /** Likewise. */
  INODE(0x6a61_7267_696e_6f21L);

  private final long placeholder;

  AttachmentConstant(long placeholder) {
    this.placeholder = placeholder;
  }

  /** Too large for a 32-bit operand, so that it is the operand of an instruction of its own. */
  public long placeholder() {
    return placeholder;
  }

  /** As C; the compiler cannot calculate with it. */
  String c() {
    return String.format(Locale.ROOT, "ATTACHED(0x%xULL)", placeholder);
  }
}
