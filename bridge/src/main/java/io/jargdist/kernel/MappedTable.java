/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import jnr.ffi.Pointer;

/**
 * An array table that programs write and we read, without a system call. Each word is read whole;
 * words that change meanwhile may be of different moments.
 */
public final class MappedTable implements AutoCloseable {
  private final Pointer memory;
  private final long length;
  private boolean closed;

  MappedTable(Pointer memory, long length) {
    this.memory = memory;
    this.length = length;
  }

  /**
   * @return all 64-bit words, in order
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized long[] words() {
    if (closed) {
      throw new IllegalStateException("the table is unmapped");
    }
    long[] words = new long[(int) (length / Long.BYTES)];
    memory.get(0, words, 0, words.length);
    return words;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.unmap(memory, length);
    }
  }
}
