/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import java.util.Locale;

/**
 * A number that is known only when a program is loaded, and that the program uses. A compiled text
 * is cached and serves any process, so it has a placeholder instead. The loader replaces the
 * placeholder in the program's instructions, so no program needs a table for the number.
 *
 * <p>The loader recognizes a placeholder by its number and by the instruction behind it, which
 * moves the register to itself. The number alone is not enough, since a specifier may contain it;
 * but no compiler makes such an instruction.
 */
public enum AttachmentConstant {
  PROCESS(0x6a61_7267_7069_6421L),
  THREAD(0x6a61_7267_7469_6421L),
  /** The device of the pid namespace's file. */
  DEVICE(0x6a61_7267_6465_7621L),
  /** The inode of the pid namespace's file. */
  INODE(0x6a61_7267_696e_6f21L),
  /** The kernel's variable that says whether a processor is in an interrupt. */
  PREEMPT_COUNT(0x6a61_7267_7072_6521L),
  /** How many processors the kernel may ever bring up. */
  PROCESSORS(0x6a61_7267_6370_7521L);

  private final long placeholder;

  AttachmentConstant(long placeholder) {
    this.placeholder = placeholder;
  }

  /**
   * Returns the placeholder. It is too large for a 32-bit operand, so an instruction of its own
   * loads it.
   */
  public long placeholder() {
    return placeholder;
  }

  /** Returns the constant as C. The compiler cannot calculate with it. */
  String c() {
    return String.format(Locale.ROOT, "ATTACHED(0x%xULL)", placeholder);
  }
}
