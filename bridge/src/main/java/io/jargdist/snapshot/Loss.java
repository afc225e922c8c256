/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

/**
 * A reason why an event is missing from a table.
 *
 * <p>The ordinal is the slot of the kernel-side counter, where there is one: append only.
 */
public enum Loss {
  TABLE_FULL("table full"),
  READ_FAILED("memory not readable"),
  ENTRY_MISSING("return without a recorded entry"),
  ENTRY_TABLE_FULL("too many threads in the function"),
  RETURN_MISSING("entry whose return never came"),
  RECURSION("program already running on this CPU"),
  BRIDGE_RESTART("counting was interrupted: the bridge restarted"),
  TOO_DEEP("calls nested too deep"),
  RETURN_NOT_TRAPPED("return not trapped by the kernel, in any process"),
  PAIR_REPLACED("pair begun again before it ended"),
  BEGINNING_MISSING("end of a pair without its beginning"),
  PAIR_TABLE_FULL("too many pairs at once"),
  THREAD_ENDED("thread ended between the events of a pair");

  private final String text;

  Loss(String text) {
    this.text = text;
  }

  /**
   * Returns a text for people, which is part of a list such as {@code "table full: 12, memory not
   * readable: 3"}.
   */
  public String text() {
    return text;
  }
}
