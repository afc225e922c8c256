/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that one program can see, as operands: registers, a tracepoint's record, and what the
 * entry program stored. Methods return null for a value that the program does not have.
 */
interface ProbeValues {
  default @Nullable Operand parameter(String name) {
    return null;
  }

  default @Nullable Operand entryValue(String parameter) {
    return null;
  }

  default @Nullable Operand returnValue() {
    return null;
  }

  /** Returns the nanoseconds since the function was entered. */
  default @Nullable Operand latency() {
    return null;
  }

  /**
   * @param number from 1
   */
  default @Nullable Operand usdtArgument(int number) {
    return null;
  }

  /**
   * Returns where the probe's note says it has an argument, if no program can read it there; else
   * null.
   */
  default @Nullable String unreadable(int usdtArgument) {
    return null;
  }

  /** The same of an argument that has a name. */
  default @Nullable String unreadable(String usdtArgument) {
    return null;
  }

  /**
   * Returns the length in bytes of a USDT argument's string, if the probe passes the length instead
   * of ending the string with NUL.
   */
  default @Nullable Operand stringLength(int usdtArgument) {
    return null;
  }

  /** The same of an argument that has a name. */
  default @Nullable Operand stringLength(String usdtArgument) {
    return null;
  }

  default @Nullable Operand tracepointField(String name) {
    return null;
  }

  /** Returns the known names, which are suggested instead of an unknown one. */
  List<String> names();
}
