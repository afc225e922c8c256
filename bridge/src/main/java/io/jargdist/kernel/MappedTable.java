/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.Syscalls;
import jnr.ffi.Pointer;

/**
 * An array table that programs write and we read, without a system call. Each word is read whole;
 * words that change meanwhile may be of different moments.
 */
public final class MappedTable implements AutoCloseable {
  private final Pointer memory;
  private final int valueSize;
  private final int entries;
  private boolean closed;

  /**
   * @param valueSize in bytes, a multiple of 8
   */
  MappedTable(Pointer memory, int valueSize, int entries) {
    this.memory = memory;
    this.valueSize = valueSize;
    this.entries = entries;
  }

  /** Returns the number of entries. */
  public int entries() {
    return entries;
  }

  /**
   * Reads the first 64-bit words of an entry's value.
   *
   * @param words receives as many as there is place for
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized void read(int entry, long[] words) {
    checkOpen();
    memory.get((long) entry * valueSize, words, 0, words.length);
  }

  /**
   * @return all 64-bit words, in order
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized long[] words() {
    checkOpen();
    long[] words = new long[valueSize / Long.BYTES * entries];
    memory.get(0, words, 0, words.length);
    return words;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the table is unmapped");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.unmap(memory, (long) valueSize * entries);
    }
  }
}
