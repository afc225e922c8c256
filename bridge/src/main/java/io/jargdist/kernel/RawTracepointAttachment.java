/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import jnr.ffi.Pointer;

/**
 * A program attached to a tracepoint by its name, since Linux 4.17. Owns the file descriptor; the
 * kernel detaches the program when it is closed, without a wait, also by the end of this process.
 */
final class RawTracepointAttachment implements Attachment {
  private static final int RAW_TRACEPOINT_OPEN = 17;
  private static final int ATTRIBUTES_SIZE = 128;

  private final int fd;
  private boolean closed;

  private RawTracepointAttachment(int fd) {
    this.fd = fd;
  }

  static RawTracepointAttachment open(BpfProgram program, RawTracepointPoint point)
      throws KernelException {
    Pointer name = Syscalls.allocate(point.name());
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putLong(0, name.address());
    attributes.putInt(8, program.fd());
    return new RawTracepointAttachment(
        Syscalls.bpf(
            "attaching " + point.display(), RAW_TRACEPOINT_OPEN, attributes, ATTRIBUTES_SIZE));
  }

  @Override
  public void disable() {
    close();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
