/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.child.PrivateDirectory;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.Moment;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.compile.CompileException;
import io.jargdist.cost.EmptyFunction;
import io.jargdist.cost.HitMeter;
import io.jargdist.cost.MachineCosts;
import io.jargdist.kernel.Gate;
import io.jargdist.kernel.OwnThreads;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.UprobeCosts;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures what {@code $latency} shows for a function that does nothing. That is the part of the
 * two probes' cost that lies between their two readings of the clock. It is measured once, by
 * probing a function of our own in this process like any other. Thread-safe; no caller waits for
 * the measuring.
 */
final class LatencyFloor {
  private static final String SPECIFIER = "r:own:empty():u64:$latency";
  private static final int CALLS = 1000;

  private final ProbePipeline pipeline;
  private final MachineCosts costs;
  private boolean asked;
  private volatile double emptyFunctionNanos = Double.NaN;

  LatencyFloor(ProbePipeline pipeline, MachineCosts costs) {
    this.pipeline = pipeline;
    this.costs = costs;
  }

  /** Begins to measure, unless this was called before. */
  synchronized void measure() {
    if (!asked) {
      asked = true;
      Daemon.start("latency-floor", this::measureNow, line -> {});
    }
  }

  private void measureNow() {
    try {
      emptyFunctionNanos = median(latencies());
    } catch (IOException
        | KernelException
        | CompileException
        | MachineException
        | SpecifierException e) {
      // The floor stays unknown. The user's probe fails for the same reason and reports it.
    }
  }

  /** Returns how many calls of an empty function took how many nanoseconds. */
  private SortedMap<Long, Long> latencies()
      throws IOException, KernelException, CompileException, MachineException, SpecifierException {
    try (EmptyFunction function = EmptyFunction.map(PrivateDirectory.subdirectory("native"));
        ProbePipeline.Planned planned = pipeline.planOwn(SPECIFIER, function.location());
        Gate gate = Gate.create();
        OwnThreads none = OwnThreads.create();
        RunningProbe probe =
            RunningProbe.of(
                planned.plan(),
                pipeline.load(planned, gate, none),
                () -> Double.NaN,
                new HitMeter(0, 0, 0),
                false)) {
      gate.open();
      for (int i = 0; i < CALLS; i++) {
        function.call();
      }
      return rows(probe);
    }
  }

  private static SortedMap<Long, Long> rows(RunningProbe probe)
      throws KernelException, IOException {
    TreeMap<Long, Long> rows = new TreeMap<>();
    // A thousand calls have at most a thousand keys, which fit into one page.
    Message.Frequency read = (Message.Frequency) probe.read(new Message.Read(0));
    for (Map.Entry<List<String>, Long> row : read.snapshot().counts().entrySet()) {
      rows.put(Long.valueOf(row.getKey().get(0)), row.getValue());
    }
    return rows;
  }

  private static double median(SortedMap<Long, Long> latencies) {
    long calls = 0;
    for (Map.Entry<Long, Long> entry : latencies.entrySet()) {
      calls += entry.getValue();
      if (calls >= CALLS / 2) {
        return entry.getKey();
      }
    }
    return Double.NaN;
  }

  /**
   * Returns the floor for a probe, which is the highest one among its places. The kernel emulates
   * the probed instruction of our own function. If it cannot emulate that of another function, it
   * needs more time, which also lies between the two readings of the clock.
   *
   * @param plan whose places are still open
   * @return supplies nanoseconds; NaN if they are not measured yet, or cannot be for such a probe
   */
  DoubleSupplier of(ProbePlan plan) {
    if (!plan.usesLatency()) {
      return () -> Double.NaN;
    }
    List<@Nullable InstructionKind> kinds = new ArrayList<>();
    for (ProgramPlan program : plan.programs()) {
      for (AttachPoint point : program.attachPoints()) {
        if (point instanceof UprobePoint uprobe && uprobe.moment() == Moment.REACHED) {
          try {
            kinds.add(MachineCosts.kindAt(uprobe.location()));
          } catch (IOException e) {
            return () -> Double.NaN;
          }
        }
      }
    }
    return () ->
        emptyFunctionNanos + kinds.stream().mapToDouble(this::extra).max().orElse(Double.NaN);
  }

  private double extra(@Nullable InstructionKind here) {
    UprobeCosts measured = costs.uprobes();
    Integer usual = measured.nanosAt(InstructionKind.PUSH);
    Integer nanos = measured.nanosAt(here);
    return usual == null || nanos == null ? 0 : Math.max(0, nanos - usual);
  }
}
