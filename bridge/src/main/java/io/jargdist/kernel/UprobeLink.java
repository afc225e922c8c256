/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.os.KernelException;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program attached to any number of instructions of one file, for one process, through a
 * uprobe_multi link: since Linux 6.6, with CAP_BPF and CAP_PERFMON only. Owns the link's file
 * descriptor.
 *
 * <p>Its kind of link cannot be switched off but only closed.
 */
final class UprobeLink implements Attachment {
  /** BPF_TRACE_UPROBE_MULTI: what a program must have been loaded for. */
  static final int ATTACH_TYPE = 48;

  private static final int LINK_CREATE = 28;
  private static final int AT_RETURN = 1;

  private final int fd;
  private boolean closed;

  private UprobeLink(int fd) {
    this.fd = fd;
  }

  /**
   * @param program loaded for {@link #ATTACH_TYPE}
   * @param points of one file, all at entry or all at return; at least one
   * @param pid the process, as this process sees it; null for all processes
   */
  static UprobeLink attach(BpfProgram program, List<UprobePoint> points, @Nullable Integer pid)
      throws KernelException {
    UprobePoint first = points.get(0);
    int count = points.size();
    long[] offsets = new long[count];
    long[] semaphores = new long[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = points.get(i).location().offset();
      Long semaphore = points.get(i).semaphoreOffset();
      semaphores[i] = semaphore == null ? 0 : semaphore;
    }
    Struct attributes =
        new Struct(BpfAttributes.LAYOUT)
            .set(BpfAttributes.LINK_PROGRAM, program.fd())
            .set(BpfAttributes.LINK_ATTACH_TYPE, ATTACH_TYPE)
            .set(BpfAttributes.UPROBES_PATH, Memory.of(first.location().path()))
            .set(BpfAttributes.UPROBES_OFFSETS, Memory.of(offsets))
            .set(BpfAttributes.UPROBES_COUNT, count)
            .set(BpfAttributes.UPROBES_FLAGS, first.replacesReturns() ? AT_RETURN : 0)
            .set(BpfAttributes.UPROBES_PID, pid == null ? 0 : pid);
    if (points.stream().anyMatch(point -> point.semaphoreOffset() != null)) {
      attributes.set(BpfAttributes.UPROBES_COUNTERS, Memory.of(semaphores));
    }
    String operation = "attaching " + first.display();
    try {
      return new UprobeLink(Syscalls.bpf(operation, LINK_CREATE, attributes));
    } catch (KernelException e) {
      throw UprobeRefusal.explained(e);
    }
  }

  @Override
  public void disable() {}

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
