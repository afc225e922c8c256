/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import java.util.List;

/**
 * One of the two events of a pair: how its other event is found, and whose it is.
 *
 * @param on the values that both events have; empty if it is their thread
 * @param whose decides whether it is the target's
 * @param task which of the values is the number of a task, if that decides
 * @param kept what the first event keeps for the second one
 */
public record PairEnd(List<TypedValue> on, Whose whose, int task, List<TypedColumn> kept) {
  /** Tells the target's events from those of others. */
  public enum Whose {
    /** The event is in the target's own code, so the current thread decides. */
    THREAD,
    /** The event is in the kernel: the current thread decides, unless it was interrupted. */
    THREAD_OUTSIDE_INTERRUPTS,
    /** The thread whose number is one of the values decides, wherever the event happens. */
    TASK,
    /** Every event counts. */
    ANYBODY
  }

  public PairEnd {
    on = List.copyOf(on);
    kept = List.copyOf(kept);
  }

  /** Returns whether the two events are of one thread. */
  public boolean byThread() {
    return on.isEmpty();
  }
}
