/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.io.IOException;
import java.time.Duration;

/**
 * How long to wait for a JVM, and what happens when it is late.
 *
 * @param toListen how long until it listens
 * @param toAnswer how long until it has answered
 */
record Waiting(Duration toListen, Duration toAnswer, Late then) {
  /** This is far longer than a JVM that answers needs. */
  static final Waiting LIMITED =
      new Waiting(
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          why -> {
            throw why;
          });

  /** Decides what happens if a JVM has not answered in time. */
  interface Late {
    /**
     * Hears that a wait is over. If this method returns, the wait goes on for as long again.
     *
     * @param why the reason, in one line
     * @throws IOException to give up
     */
    void late(IOException why) throws IOException;
  }

  /**
   * Begins a wait.
   *
   * @param why says in one line that the JVM is late
   */
  Wait begin(Duration limit, IOException why) {
    return new Wait(limit, why);
  }

  /** A wait that has begun. */
  final class Wait {
    private final Duration limit;
    private final IOException why;
    private long end;

    private Wait(Duration limit, IOException why) {
      this.limit = limit;
      this.why = why;
      this.end = System.nanoTime() + limit.toNanos();
    }

    /** If the JVM is late now, {@link Late} decides whether the wait goes on. */
    void check() throws IOException {
      if (System.nanoTime() >= end) {
        then.late(why);
        end = System.nanoTime() + limit.toNanos();
      }
    }

    /**
     * Does what {@link #check} does; returns in how many milliseconds to check again, at least 1.
     */
    long leftMillis() throws IOException {
      check();
      return Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis());
    }
  }
}
