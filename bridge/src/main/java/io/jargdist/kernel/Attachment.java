/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.os.KernelException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program at the places that run it. Closing detaches it; the kernel does so, too, at the end of
 * this process. Closing waits for the kernel to make sure that no processor runs the program any
 * more: 20 to 130 ms for uprobes.
 */
public interface Attachment extends AutoCloseable {
  /**
   * Returns the purpose for which a program is to be loaded.
   *
   * @param linked whether it will be attached to functions of processes by uprobe_multi links
   */
  static BpfProgram.Purpose purpose(AttachPoint point, boolean linked) {
    return switch (point.kind()) {
      case UPROBE ->
          new BpfProgram.Purpose(BpfProgram.Type.PROBE, linked ? UprobeLink.ATTACH_TYPE : 0, 0);
      case KPROBE -> new BpfProgram.Purpose(BpfProgram.Type.PROBE);
      case TRAMPOLINE ->
          BpfProgram.Purpose.trampoline(((TrampolinePoint) point).btfId(), point.atReturn());
      case TRACEPOINT -> new BpfProgram.Purpose(BpfProgram.Type.TRACEPOINT);
      case RAW_TRACEPOINT -> new BpfProgram.Purpose(BpfProgram.Type.RAW_TRACEPOINT);
    };
  }

  /**
   * Attaches a program, to functions of processes by perf events.
   *
   * @param program loaded for the point's {@link #purpose}, not linked
   * @param pid of the process whose functions are meant, as this process sees it; null for all
   */
  static Attachment of(BpfProgram program, AttachPoint point, @Nullable Integer pid)
      throws KernelException, IOException {
    return switch (point.kind()) {
      case UPROBE -> PerfAttachment.uprobe(program, (UprobePoint) point, pid);
      case KPROBE -> KprobeAttachment.attach(program, (KprobePoint) point);
      case TRAMPOLINE -> TracingLink.trampoline(program, (TrampolinePoint) point);
      case TRACEPOINT -> PerfAttachment.tracepoint(program, (TracepointPoint) point);
      case RAW_TRACEPOINT -> TracingLink.tracepoint(program, (RawTracepointPoint) point);
    };
  }

  /**
   * Attaches a program to any number of instructions by a uprobe_multi link.
   *
   * @param program loaded for the points' {@link #purpose}, linked
   * @param points of one file, all at entry or all at return; at least one
   * @param pid as for {@link #of}
   */
  static Attachment linked(BpfProgram program, List<UprobePoint> points, @Nullable Integer pid)
      throws KernelException {
    return UprobeLink.attach(program, points, pid);
  }

  /** Stops the program fast where the kernel can do that, and does nothing otherwise. */
  void disable() throws KernelException;

  @Override
  void close();
}
