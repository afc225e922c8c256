/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.compile.ProgramImage;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.os.KernelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The threads of the target that are jargdist's, in the kernel: programs leave out their events.
 * Owns its tables. Thread-safe.
 */
public final class OwnThreads implements AutoCloseable {
  /** BPF_MAP_TYPE_HASH of include/uapi/linux/bpf.h. */
  private static final int HASH = 1;

  /** BPF_MAP_TYPE_ARRAY. */
  private static final int ARRAY = 2;

  private static final byte[] FIRST = new byte[Integer.BYTES];

  private final BpfTable bits;
  private final BpfTable threads;
  private Set<Integer> known = Set.of();

  private OwnThreads(BpfTable bits, BpfTable threads) {
    this.bits = bits;
    this.threads = threads;
  }

  /** Creates the tables, which have no threads at first. */
  public static OwnThreads create() throws KernelException {
    BpfTable bits =
        BpfTable.create(
            new ProgramImage.Table(ProgramTables.OWN_BITS, ARRAY, Integer.BYTES, Long.BYTES, 1, 0));
    try {
      BpfTable threads =
          BpfTable.create(
              new ProgramImage.Table(
                  ProgramTables.OWN_THREADS,
                  HASH,
                  Integer.BYTES,
                  Integer.BYTES,
                  ProgramTables.MAX_OWN_THREADS,
                  0));
      return new OwnThreads(bits, threads);
    } catch (KernelException e) {
      bits.close();
      throw e;
    }
  }

  /** Returns the tables by the names that programs have for them. */
  Map<String, BpfTable> tables() {
    return Map.of(ProgramTables.OWN_BITS, bits, ProgramTables.OWN_THREADS, threads);
  }

  /**
   * Replaces all threads.
   *
   * @param numbers as the target's filter knows them, at most {@value ProbePlan#MAX_OWN_THREADS}
   */
  public synchronized void set(Set<Integer> numbers) throws KernelException {
    for (Integer gone : known) {
      if (!numbers.contains(gone)) {
        threads.remove(word(gone));
      }
    }
    for (Integer number : numbers) {
      if (!known.contains(number)) {
        threads.put(word(number), word(1));
      }
    }
    known = new HashSet<>(numbers);
    long mask = 0;
    for (int number : numbers) {
      mask |= 1L << (number % Long.SIZE);
    }
    bits.put(
        FIRST,
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(mask).array());
  }

  /** Returns a number as tables of threads have it. */
  static byte[] word(int number) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(number).array();
  }

  @Override
  public void close() {
    bits.close();
    threads.close();
  }
}
