/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.kernel.OwnThreads;
import io.jargdist.os.KernelException;
import io.jargdist.os.ProcessThreads;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The threads of jargdist in the target, as the agent there reports them. Their table is made with
 * the first probe. Thread-safe.
 */
final class TargetThreads implements AutoCloseable {
  private final long pid;
  private Set<Integer> told = Set.of();
  private @Nullable OwnThreads table;
  private boolean closed;

  /**
   * @param pid of the target, as this process sees it
   */
  TargetThreads(long pid) {
    this.pid = pid;
  }

  /**
   * Replaces the set of threads. Numbers that no thread of the target has are ignored, so the
   * target cannot hide the events of other processes.
   *
   * @param threads all threads of jargdist, by the numbers that the target sees
   */
  synchronized void set(Set<Integer> threads) throws KernelException, IOException {
    told = threads;
    if (table != null) {
      table.set(ProcessThreads.of(pid, told));
    }
  }

  /** Returns the table in which programs look up threads. */
  synchronized OwnThreads table() throws KernelException, IOException {
    if (closed) {
      throw new IllegalStateException("the bridge is closed");
    }
    OwnThreads known = table;
    if (known == null) {
      known = OwnThreads.create();
      table = known;
      known.set(ProcessThreads.of(pid, told));
    }
    return known;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (table != null) {
      table.close();
      table = null;
    }
  }
}
