/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.Architecture;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.resolve.Tracefs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what probes of the kernel cost here: the system call getppid is made with and without
 * each kind of probe on it. Takes some milliseconds. Other processes that make that call meanwhile
 * are stopped as often as we are.
 */
public final class EventMeasurement {
  private static final int ROUNDS = 25;
  private static final int CALLS = 20;
  private static final String CALL = "getppid";

  /**
   * What a hit takes, with a program that does nothing but count; null where that cannot be
   * measured.
   *
   * @param tracepointNanos of a tracepoint
   * @param entryNanos of a kernel function's entry
   * @param returnNanos of its return, besides the entry
   */
  public record Costs(
      @Nullable Integer tracepointNanos,
      @Nullable Integer entryNanos,
      @Nullable Integer returnNanos) {}

  private interface Attaching {
    Attachment attach(BpfProgram program) throws KernelException, IOException;
  }

  private EventMeasurement() {}

  public static Costs measure() {
    String function = Architecture.current().syscallPrefix() + CALL;
    return new Costs(
        cost(
            BpfProgram.Type.TRACEPOINT,
            program ->
                PerfAttachment.tracepoint(
                    program, new TracepointPoint("syscalls", "sys_enter_" + CALL, id()))),
        cost(
            BpfProgram.Type.PROBE,
            program -> KprobeAttachment.attach(program, new KprobePoint(function, false))),
        cost(
            BpfProgram.Type.PROBE,
            program -> KprobeAttachment.attach(program, new KprobePoint(function, true))));
  }

  private static int id() throws IOException {
    IOException last = new IOException("tracefs is not mounted");
    for (Path mount : Tracefs.MOUNTS) {
      try {
        Path file = mount.resolve("events/syscalls/sys_enter_" + CALL + "/id");
        return Integer.parseInt(Files.readString(file).strip());
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static @Nullable Integer cost(BpfProgram.Type type, Attaching attaching) {
    try (BpfTable hits = UprobeMeasurement.hitsTable();
        BpfProgram program =
            BpfProgram.load("measure", type, 0, UprobeMeasurement.countingProgram(hits))) {
      long without = fastest();
      Attachment attachment = attaching.attach(program);
      try {
        return Math.toIntExact(Math.max(1, fastest() - without));
      } finally {
        attachment.close();
      }
    } catch (KernelException | IOException | NumberFormatException e) {
      return null;
    }
  }

  /** Of one call, in ns. */
  private static long fastest() {
    long fastest = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        Syscalls.parentPid();
      }
      fastest = Math.min(fastest, (System.nanoTime() - start) / CALLS);
    }
    return fastest;
  }
}
