/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.os.KernelException;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;

/**
 * A program attached to a tracepoint by its name (Linux 4.17), or to a kernel function through
 * BPF's trampoline (Linux 5.5). Owns the file descriptor; the kernel detaches the program when it
 * is closed, also by the end of this process: without a wait from a tracepoint.
 */
final class TracingLink implements Attachment {
  private static final int RAW_TRACEPOINT_OPEN = 17;

  private final int fd;
  private final boolean closesFast;
  private boolean closed;

  private TracingLink(int fd, boolean closesFast) {
    this.fd = fd;
    this.closesFast = closesFast;
  }

  static TracingLink tracepoint(BpfProgram program, RawTracepointPoint point)
      throws KernelException {
    Struct attributes = new Struct(BpfAttributes.LAYOUT);
    attributes.set(BpfAttributes.TRACEPOINT_NAME, Memory.of(point.name()));
    return new TracingLink(open(point.display(), program, attributes), true);
  }

  /**
   * @param program loaded for the point's function
   */
  static TracingLink trampoline(BpfProgram program, TrampolinePoint point) throws KernelException {
    Struct attributes = new Struct(BpfAttributes.LAYOUT);
    return new TracingLink(open(point.display(), program, attributes), false);
  }

  private static int open(String point, BpfProgram program, Struct attributes)
      throws KernelException {
    attributes.set(BpfAttributes.TRACEPOINT_PROGRAM, program.fd());
    return Syscalls.bpf("attaching " + point, RAW_TRACEPOINT_OPEN, attributes);
  }

  @Override
  public void disable() {
    if (closesFast) {
      close();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
