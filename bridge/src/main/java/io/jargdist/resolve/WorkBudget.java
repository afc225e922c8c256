/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

/**
 * Limits the work that a request may spend on the files that it has to read, since the maker of a
 * file decides how many symbols it seems to have, and how long their names are. Work is counted in
 * nanoseconds that it usually takes. It is not measured, so the same files always give the same
 * answer. Not thread-safe.
 */
final class WorkBudget {
  /** A library of a million functions with long names takes less than a second of it. */
  private static final long OF_A_REQUEST = 4_000_000_000L;

  /** Symbols of a file that has a gigabyte of them, of which most are looked at once only. */
  private static final long OF_DEBUG_FILES = 2_000_000_000L;

  private long nanos;

  WorkBudget(long nanos) {
    this.nanos = nanos;
  }

  static WorkBudget ofARequest() {
    return new WorkBudget(OF_A_REQUEST);
  }

  /** Returns a budget for debug files, so that a slow one does not spoil the rest of a request. */
  static WorkBudget ofDebugFiles() {
    return new WorkBudget(OF_DEBUG_FILES);
  }

  /**
   * @param content on whose behalf
   * @throws MalformedFileException if nothing is left
   */
  void spend(long nanos, FileContent content) throws MalformedFileException {
    this.nanos -= nanos;
    if (this.nanos < 0) {
      throw content.malformed("reading it takes too long");
    }
  }
}
