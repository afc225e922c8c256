/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.TypedFunction;
import io.jargdist.kernel.Attachment;
import io.jargdist.kernel.BpfProgram;
import io.jargdist.kernel.BpfTable;
import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.Syscalls;
import io.jargdist.resolve.Tracefs;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what probes of the kernel cost here: the system call getpgid is made with and without
 * each kind of probe on it. Takes some milliseconds. Other processes that make that call meanwhile
 * are stopped as often as we are.
 */
final class EventMeasurement {
  private static final int ROUNDS = 25;
  private static final int CALLS = 20;

  /** After so many calls, our part of a call is compiled, and takes the same time ever after. */
  private static final int WARM_UP = 3_000;

  private static final String CALL = "getpgid";

  /** The kernel function that is probed. */
  static final String FUNCTION = Architecture.current().syscallPrefix() + CALL;

  private EventMeasurement() {}

  /**
   * Returns what a hit of a tracepoint takes, with a program that does nothing but count, in ns.
   *
   * @return null if that cannot be measured
   */
  static @Nullable HitCost tracepoint() {
    try {
      return cost(new TracepointPoint("syscalls", "sys_enter_" + CALL, id()));
    } catch (IOException | NumberFormatException e) {
      return null;
    }
  }

  /** Returns the same of a kprobe or kretprobe. */
  static @Nullable HitCost kprobe(boolean atReturn) {
    return cost(new KprobePoint(FUNCTION, atReturn, ""));
  }

  /**
   * Returns the same of fentry or fexit.
   *
   * @param function {@link #FUNCTION}
   */
  static @Nullable HitCost trampoline(TypedFunction function, boolean atReturn) {
    return cost(new TrampolinePoint(FUNCTION, function.btfId(), atReturn));
  }

  private static int id() throws IOException {
    IOException last = new IOException("tracefs is not mounted");
    for (Path mount : Tracefs.MOUNTS) {
      try {
        Path file = mount.resolve("events/syscalls/sys_enter_" + CALL + "/id");
        return Integer.parseInt(KernelFile.text(file).strip());
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static @Nullable HitCost cost(AttachPoint point) {
    try (BpfTable hits = CountingProgram.table();
        BpfProgram program = CountingProgram.load(point, /* linked= */ false, hits)) {
      call(WARM_UP);
      double without = fastest();
      Attachment attachment = Attachment.of(program, point, null);
      try {
        return HitCost.same(Math.max(1, fastest() - without));
      } finally {
        attachment.close();
      }
    } catch (KernelException | IOException | MachineException e) {
      return null;
    }
  }

  private static void call(int times) {
    for (int i = 0; i < times; i++) {
      Syscalls.processGroup();
    }
  }

  /** Returns the time of the fastest call, in ns. */
  private static double fastest() {
    double fastest = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      call(CALLS);
      fastest = Math.min(fastest, (System.nanoTime() - start) / (double) CALLS);
    }
    return fastest;
  }
}
