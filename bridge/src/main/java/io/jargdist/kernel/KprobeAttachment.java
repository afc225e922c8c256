/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.os.KernelException;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A program attached to a kernel function's entry or return. It sees all processes; the program has
 * to tell them apart.
 *
 * <p>An entry is trapped by a perf event that names the function. A return is trapped through a
 * {@link KprobeEvent}, since only those can be told how many calls may be in flight: the default,
 * for all processes together, is the larger of 10 and twice the number of processors, and a
 * function that waits needs more. The default has to do if tracefs may not be written.
 */
final class KprobeAttachment implements Attachment {
  private static final int ALL_PROCESSES = -1;

  private final PerfAttachment event;
  private final @Nullable KprobeEvent definition;

  private KprobeAttachment(PerfAttachment event, @Nullable KprobeEvent definition) {
    this.event = event;
    this.definition = definition;
  }

  static KprobeAttachment attach(BpfProgram program, KprobePoint point)
      throws KernelException, IOException {
    KprobeEvent definition = point.atReturn() ? KprobeEvent.define(point.symbol()) : null;
    if (definition == null) {
      return new KprobeAttachment(unnamed(program, point), null);
    }
    try {
      PerfAttachment event =
          PerfAttachment.tracepoint("attaching " + point.display(), program, definition.id());
      return new KprobeAttachment(event, definition);
    } catch (KernelException | IOException e) {
      definition.close();
      throw e;
    }
  }

  private static PerfAttachment unnamed(BpfProgram program, KprobePoint point)
      throws KernelException, IOException {
    String operation = "attaching " + point.display();
    Memory symbol = Memory.of(point.symbol());
    PerfAttachment.Pmu kprobe = PerfAttachment.Pmu.KPROBE;
    Struct attributes =
        PerfAttachment.event(kprobe.type(), point.atReturn() ? kprobe.returnFlag() : 0)
            .set(PerfEventAttributes.KPROBE_FUNCTION, symbol);
    int fd = Syscalls.perfEventOpen(operation, attributes, ALL_PROCESSES, 0);
    return PerfAttachment.attach(operation, fd, program);
  }

  /** Returns how many returns of the function, in any process, the kernel could not trap. */
  long missed() throws IOException {
    return definition == null ? 0 : definition.missed();
  }

  @Override
  public void disable() throws KernelException {
    event.disable();
  }

  @Override
  public void close() {
    event.close();
    if (definition != null) {
      definition.close();
    }
  }
}
