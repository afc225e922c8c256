/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one program can see, as operands: registers, a tracepoint's record, what the entry probe
 * kept. Answers null for what it does not have.
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

  /** Nanoseconds since the function was entered. */
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
   * Where the probe keeps an argument that cannot be read, as its note says; null if that is not
   * the reason why it is not here.
   */
  default @Nullable String unreadable(int usdtArgument) {
    return null;
  }

  /**
   * How many bytes the string of a USDT argument has, if the probe tells it instead of ending the
   * string with NUL.
   */
  default @Nullable Operand usdtStringLength(int number) {
    return null;
  }

  default @Nullable Operand tracepointField(String name) {
    return null;
  }

  /** The names that could have been written instead of an unknown one, for suggestions. */
  List<String> names();
}
