/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;
import java.util.List;
import jnr.ffi.Pointer;
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
  private static final int ATTRIBUTES_SIZE = 64;
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
    Pointer path = Syscalls.allocate(first.location().path());
    Pointer offsets = Syscalls.allocate(count * Long.BYTES);
    boolean counted = points.stream().anyMatch(point -> point.semaphoreOffset() != null);
    Pointer semaphores = Syscalls.allocate(count * Long.BYTES);
    for (int i = 0; i < count; i++) {
      offsets.putLong((long) i * Long.BYTES, points.get(i).location().offset());
      Long semaphore = points.get(i).semaphoreOffset();
      semaphores.putLong((long) i * Long.BYTES, semaphore == null ? 0 : semaphore);
    }
    // struct { prog_fd, target_fd, attach_type, flags; uprobe_multi { path, offsets,
    // ref_ctr_offsets, cookies, cnt, flags, pid } } in union bpf_attr.
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, program.fd());
    attributes.putInt(8, ATTACH_TYPE);
    attributes.putLong(16, path.address());
    attributes.putLong(24, offsets.address());
    attributes.putLong(32, counted ? semaphores.address() : 0);
    attributes.putInt(48, count);
    attributes.putInt(52, first.atReturn() ? AT_RETURN : 0);
    attributes.putInt(56, pid == null ? 0 : pid);
    String operation = "attaching " + first.display();
    try {
      return new UprobeLink(Syscalls.bpf(operation, LINK_CREATE, attributes, ATTRIBUTES_SIZE));
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
