/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.compile.ProgramImage;
import io.jargdist.facts.CodeLocation;
import io.jargdist.kernel.BpfCode.Register;
import io.jargdist.os.KernelException;
import io.jargdist.os.Memory;
import io.jargdist.os.Syscalls;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells when a process calls a function, such as the one by which a dynamic linker tells debuggers
 * that it maps or unmaps files. A program at the function puts the time into a ring buffer
 * (kernel/bpf/ringbuf.c, Linux 5.8), whose descriptor can be read then. If the ring is full, what
 * is in it tells enough. Owns all of that. One thread takes the announcements.
 */
public final class Announcements implements AutoCloseable {
  private static final int RINGBUF = 27;

  /** A power of two, and a multiple of the size of a page on all architectures. */
  private static final int RING_BYTES = 1 << 16;

  private static final int FORCE_WAKEUP = 2;
  private static final int HEADER_WORDS = 1;
  private static final int RECORD_WORDS = HEADER_WORDS + 1;
  private static final long BUSY = 1L << 31;

  private final BpfTable ring;
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final LongBuffer consumed;
  private final LongBuffer produced;
  private final LongBuffer records;
  private boolean closed;

  private Announcements(BpfTable ring) throws KernelException {
    this.ring = ring;
    owned.add(ring);
    try {
      int page = Syscalls.pageSize();
      String operation = "mapping a ring buffer";
      Memory first = Syscalls.map(operation, ring.fd(), page, 0, /* writable= */ true);
      owned.add(() -> Syscalls.unmap(first));
      Memory others =
          Syscalls.map(operation, ring.fd(), page + RING_BYTES, page, /* writable= */ false);
      owned.add(() -> Syscalls.unmap(others));
      consumed = first.words();
      produced = others.words();
      records = others.from(page).words();
    } catch (KernelException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * @param function at whose entry nothing keeps a program from being run
   * @param pid of the process, as this process sees it
   * @param linked whether to attach by a uprobe_multi link
   */
  public static Announcements of(CodeLocation function, int pid, boolean linked)
      throws KernelException, IOException {
    UprobePoint point = new UprobePoint(function, ProbePlan.Moment.REACHED, null);
    Announcements announcements =
        new Announcements(
            BpfTable.create(new ProgramImage.Table("news", RINGBUF, 0, 0, RING_BYTES, 0)));
    try {
      BpfProgram program =
          BpfProgram.load("announce", Attachment.purpose(point, linked), code(announcements.ring));
      announcements.owned.add(program);
      Attachment attachment =
          linked
              ? Attachment.linked(program, List.of(point), pid)
              : Attachment.of(program, point, pid);
      announcements.owned.add(attachment);
      return announcements;
    } catch (KernelException | IOException | RuntimeException e) {
      announcements.close();
      throw e;
    }
  }

  private static byte[] code(BpfTable ring) {
    return new BpfCode()
        .time()
        .storeLong(Register.R10, -8, Register.R0)
        .address(Register.R1, ring)
        .move(Register.R2, Register.R10)
        .add(Register.R2, -8)
        .set(Register.R3, Long.BYTES)
        .set(Register.R4, FORCE_WAKEUP)
        .ringOutput()
        .exit(0);
  }

  /** Returns a descriptor that can be read when something was announced. */
  public int fd() {
    return ring.fd();
  }

  /**
   * Takes what was announced.
   *
   * @return when, by {@link System#nanoTime}, in this order
   */
  public synchronized List<Long> take() throws IOException {
    List<Long> times = new ArrayList<>();
    if (closed) {
      return times;
    }
    long offset = System.nanoTime() - KernelClock.nanos();
    long end = produced.get(0);
    VarHandle.fullFence();
    long position = consumed.get(0);
    while (position < end) {
      int word = (int) (position % RING_BYTES) / Long.BYTES;
      if ((records.get(word) & BUSY) != 0) {
        break;
      }
      times.add(records.get(word + HEADER_WORDS) + offset);
      position += RECORD_WORDS * Long.BYTES;
    }
    VarHandle.fullFence();
    consumed.put(0, position);
    return times;
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (int i = owned.size() - 1; i >= 0; i--) {
      try {
        owned.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("closing cannot fail", e);
      }
    }
    owned.clear();
  }
}
