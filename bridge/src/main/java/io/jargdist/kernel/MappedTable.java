/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.Memory;
import io.jargdist.os.Syscalls;
import java.nio.LongBuffer;

/**
 * An array table that programs write and we read, without a system call. Each word is read whole;
 * words that change meanwhile may be of different moments.
 */
public final class MappedTable implements AutoCloseable {
  private final Memory memory;
  private final LongBuffer content;
  private final int valueSize;
  private final int entries;
  private boolean closed;

  /**
   * @param valueSize in bytes, a multiple of 8
   */
  MappedTable(Memory memory, int valueSize, int entries) {
    this.memory = memory;
    this.content = memory.words();
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
    content.get(entry * valueSize / Long.BYTES, words);
  }

  /**
   * @return all 64-bit words, in order
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized long[] words() {
    checkOpen();
    long[] words = new long[valueSize / Long.BYTES * entries];
    content.get(0, words);
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
      Syscalls.unmap(memory);
    }
  }
}
