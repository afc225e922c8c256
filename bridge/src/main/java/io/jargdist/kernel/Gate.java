/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.ProgramImage;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.os.KernelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The word that lets probes count, all from the same instant on, and says which half of their
 * tables takes the counts. Owns its table; programs that use it keep it alive in the kernel.
 * Thread-safe.
 */
public final class Gate implements AutoCloseable {
  /** BPF_MAP_TYPE_ARRAY of include/uapi/linux/bpf.h. */
  private static final int ARRAY = 2;

  private static final byte[] FIRST = new byte[Integer.BYTES];

  private final BpfTable table;
  private long since = ProgramTables.GATE_CLOSED;
  private int half;

  private Gate(BpfTable table) {
    this.table = table;
  }

  /** Returns a gate that is closed. */
  public static Gate create() throws KernelException {
    Gate gate =
        new Gate(
            BpfTable.create(
                new ProgramImage.Table(
                    ProgramTables.GATE, ARRAY, Integer.BYTES, 2 * Long.BYTES, 1, 0)));
    boolean written = false;
    try {
      gate.write();
      written = true;
      return gate;
    } finally {
      if (!written) {
        gate.close();
      }
    }
  }

  BpfTable table() {
    return table;
  }

  /** Lets the probes count from now on. A second call changes nothing. */
  public synchronized void open() throws KernelException, IOException {
    if (since == ProgramTables.GATE_CLOSED) {
      since = KernelClock.nanos();
      write();
    }
  }

  /**
   * Returns the half that does not count. Events that were in flight at the last turn may still be
   * added to it.
   */
  public synchronized int restingHalf() {
    return 1 - half;
  }

  /** Lets the other half count from now on. */
  public synchronized void turn() throws KernelException {
    half = 1 - half;
    write();
  }

  private void write() throws KernelException {
    table.put(
        FIRST,
        ByteBuffer.allocate(2 * Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(since)
            .putLong(half)
            .array());
  }

  @Override
  public void close() {
    table.close();
  }
}
