/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.codegen.ProbePlan.Moment;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.kernel.Attachment;
import io.jargdist.kernel.BpfProgram;
import io.jargdist.kernel.BpfTable;
import io.jargdist.kernel.MappedTable;
import io.jargdist.kernel.ReturnTrampoline;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.OwnCode;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds out what uprobes cost here: probes machine code of our own, which is a loop around each
 * kind of instruction, and runs it in this process. Takes about 0.1 s.
 *
 * <p>It runs on a thread that is not the process's first one, as every thread of a Java program is.
 * So it notices the first kernels with uprobe_multi links, whose filter lets a process's first
 * thread pass only (fixed by Linux commit 46ba0e49b642, 6.10).
 */
public final class UprobeMeasurement {
  private static final int SLOT = 64;
  private static final int CALLEE = 32;

  /** The fastest of many short rounds counts, since other processes run during most of them. */
  private static final int ROUNDS = 25;

  private static final int LOOPS = 20;

  private static final int ROUNDS_TOGETHER = 20;

  /** So many that it hardly matters that not all processors begin in the same moment. */
  private static final int LOOPS_TOGETHER = 40;

  /** {@code mov %rdi, %rcx}: the loop's counter is the function's argument. */
  private static final byte[] BEGIN = {0x48, (byte) 0x89, (byte) 0xf9};

  /** {@code dec %rcx}; a {@code jnz} follows. */
  private static final byte[] DECREMENT = {0x48, (byte) 0xff, (byte) 0xc9, 0x75};

  /** {@code xor %eax, %eax; ret}. */
  private static final byte[] END = {0x31, (byte) 0xc0, (byte) 0xc3};

  /** {@code push %rbp; pop %rbp; ret}. */
  private static final byte[] FUNCTION = {0x55, 0x5d, (byte) 0xc3};

  private static final Set<InstructionKind> ALWAYS_PROBED =
      EnumSet.complementOf(EnumSet.of(InstructionKind.NOP_10));

  /** The kind that stands for all that the kernel treats in a manner. */
  private static final Map<UprobeCosts.Manner, InstructionKind> SAMPLES =
      Map.of(
          UprobeCosts.Manner.EMULATED, InstructionKind.PUSH,
          UprobeCosts.Manner.REPLACED, InstructionKind.NOP_5,
          UprobeCosts.Manner.SINGLE_STEPPED, InstructionKind.MOVE);

  private final OwnCode code;
  private final MappedTable counted;

  private UprobeMeasurement(OwnCode code, MappedTable counted) {
    this.code = code;
    this.counted = counted;
  }

  /**
   * @param folder where code may be run from, ours only
   * @return {@link UprobeCosts#UNKNOWN} on processors whose machine code we do not have, and where
   *     it could kill this process
   * @throws KernelException if this process cannot probe itself
   */
  public static UprobeCosts measure(Path folder)
      throws IOException, KernelException, MachineException {
    try {
      return measure(folder, true, ALWAYS_PROBED, UprobeMeasurement::alone);
    } catch (KernelException e) {
      return measure(folder, false, ALWAYS_PROBED, UprobeMeasurement::alone);
    }
  }

  /**
   * Returns the same while all processors are hit. One kind of instruction stands for all that the
   * kernel treats alike: those cost as much more than alone as it does.
   *
   * @param alone what {@link #measure(Path)} has found out
   * @return {@link UprobeCosts#UNKNOWN} also if other work left no moment for it
   */
  static UprobeCosts measureTogether(Path folder, UprobeCosts alone)
      throws IOException, KernelException, MachineException {
    UprobeCosts measured =
        measure(folder, alone.links(), SAMPLES.values(), UprobeMeasurement::together);
    return measured.nanos().isEmpty() ? measured : completed(measured, alone);
  }

  static UprobeCosts completed(UprobeCosts together, UprobeCosts alone) {
    Map<InstructionKind, Integer> nanos = new EnumMap<>(InstructionKind.class);
    alone
        .nanos()
        .forEach(
            (kind, cost) -> {
              InstructionKind sample = Objects.requireNonNull(SAMPLES.get(alone.mannerAt(kind)));
              int more = nanos(together, sample) - nanos(alone, sample);
              nanos.put(kind, cost + Math.max(0, more));
            });
    return new UprobeCosts(
        together.links(), nanos, Math.max(alone.returnNanos(), together.returnNanos()));
  }

  private static int nanos(UprobeCosts costs, InstructionKind kind) {
    return Objects.requireNonNull(costs.nanosAt(kind));
  }

  /** A way to run loops. */
  private interface Runner {
    /**
     * @param offsets of the loops
     * @return the least time of a turn of each, in ns; empty if there is none
     */
    List<Integer> run(UprobeMeasurement measurement, List<Long> offsets) throws KernelException;
  }

  private static UprobeCosts measure(
      Path folder, boolean links, Collection<InstructionKind> probed, Runner runner)
      throws IOException, KernelException, MachineException {
    boolean hasLoops = Architecture.current().choose(true, false);
    if (!hasLoops || ReturnTrampoline.canKill(ProcessHandle.current().pid())) {
      return UprobeCosts.UNKNOWN;
    }
    try (OwnCode code = OwnCode.map(folder, loops());
        BpfTable hits = CountingProgram.table();
        MappedTable counted = hits.mapped()) {
      return new UprobeMeasurement(code, counted).measure(hits, links, probed, runner);
    }
  }

  private UprobeCosts measure(
      BpfTable hits, boolean links, Collection<InstructionKind> probed, Runner runner)
      throws IOException, KernelException {
    List<Attachment> attachments = new ArrayList<>();
    List<UprobePoint> entries = new ArrayList<>();
    for (InstructionKind kind : probed) {
      entries.add(entry(kind));
    }
    long function = (long) SLOT * InstructionKind.values().length;
    List<UprobePoint> returns = List.of(point(function + CALLEE, Moment.RETURNED));
    try (BpfProgram program = CountingProgram.load(entries.get(0), links, hits)) {
      try {
        attach(program, entries, links, attachments);
        attach(program, returns, links, attachments);
        List<InstructionKind> kinds = new ArrayList<>(probed);
        if (probed.containsAll(ALWAYS_PROBED)
            && canAttach(program, InstructionKind.NOP_10, links, attachments)) {
          kinds.add(InstructionKind.NOP_10);
        }
        List<Long> loops = new ArrayList<>();
        kinds.forEach(kind -> loops.add((long) SLOT * kind.ordinal()));
        loops.add(function);
        return costs(links, kinds, runner.run(this, loops));
      } finally {
        // Closing perf events takes long, and nothing here depends on it.
        for (Attachment attachment : attachments) {
          attachment.disable();
        }
        Thread closer = new Thread(() -> attachments.forEach(Attachment::close), "closer");
        closer.setDaemon(true);
        closer.start();
      }
    }
  }

  /**
   * @param turns of the loop of each kind, and of the one that calls a function
   */
  private static UprobeCosts costs(
      boolean links, List<InstructionKind> kinds, List<Integer> turns) {
    if (turns.isEmpty()) {
      return UprobeCosts.UNKNOWN;
    }
    Map<InstructionKind, Integer> nanos = new EnumMap<>(InstructionKind.class);
    for (int i = 0; i < kinds.size(); i++) {
      nanos.put(kinds.get(i), turns.get(i));
    }
    // The function begins with a push, so the rest is for its return.
    int push = nanos.getOrDefault(InstructionKind.PUSH, 0);
    return new UprobeCosts(links, nanos, Math.max(0, turns.get(kinds.size()) - push));
  }

  private List<Integer> alone(List<Long> offsets) throws KernelException {
    int[] least = new int[offsets.size()];
    Arrays.fill(least, Integer.MAX_VALUE);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < least.length; i++) {
        least[i] = Math.min(least[i], time(offsets.get(i)));
      }
    }
    return IntStream.of(least).boxed().toList();
  }

  private List<Integer> together(List<Long> offsets) {
    List<Runnable> loops = new ArrayList<>();
    offsets.forEach(offset -> loops.add(() -> code.call(offset, LOOPS_TOGETHER)));
    return AllProcessors.fastest(loops, ROUNDS_TOGETHER).stream()
        .map(nanos -> Math.toIntExact(nanos / LOOPS_TOGETHER))
        .toList();
  }

  /** Attaches a probe that some kernels refuse. */
  private boolean canAttach(
      BpfProgram program, InstructionKind kind, boolean links, List<Attachment> attachments)
      throws IOException {
    try {
      attach(program, List.of(entry(kind)), links, attachments);
      return true;
    } catch (KernelException e) {
      return false;
    }
  }

  private UprobePoint entry(InstructionKind kind) {
    return point((long) SLOT * kind.ordinal() + BEGIN.length, Moment.REACHED);
  }

  private UprobePoint point(long offset, Moment moment) {
    return new UprobePoint(
        new CodeLocation(code.file().toString(), offset, "code of our own"), moment, null);
  }

  private static void attach(
      BpfProgram program, List<UprobePoint> points, boolean links, List<Attachment> attachments)
      throws IOException, KernelException {
    int self = Math.toIntExact(ProcessHandle.current().pid());
    if (links) {
      attachments.add(Attachment.linked(program, points, self));
      return;
    }
    for (UprobePoint point : points) {
      attachments.add(Attachment.of(program, point, self));
    }
  }

  /** Returns the time of one turn of a loop, which must be one hit, in ns. */
  private int time(long offset) throws KernelException {
    long before = CountingProgram.runs(counted);
    long start = System.nanoTime();
    code.call(offset, LOOPS);
    long nanos = System.nanoTime() - start;
    long seen = CountingProgram.runs(counted) - before;
    if (seen != LOOPS) {
      throw new KernelException(
          "measuring probes", seen + " of " + LOOPS + " hits seen: uprobe", 95);
    }
    return Math.toIntExact(nanos / LOOPS);
  }

  /** Returns a function for each kind of instruction, and one that calls a function. */
  private static byte[] loops() {
    ByteBuffer code = ByteBuffer.allocate(SLOT * (InstructionKind.values().length + 1));
    for (InstructionKind kind : InstructionKind.values()) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.writeBytes(kind.sample());
      body.writeBytes(kind.undo());
      putLoop(code.position(SLOT * kind.ordinal()), body.toByteArray());
    }
    int caller = SLOT * InstructionKind.values().length;
    int distance = CALLEE - BEGIN.length - 5;
    putLoop(code.position(caller), new byte[] {(byte) 0xe8, (byte) distance, 0, 0, 0});
    code.position(caller + CALLEE).put(FUNCTION);
    return code.array();
  }

  private static void putLoop(ByteBuffer code, byte[] body) {
    code.put(BEGIN).put(body).put(DECREMENT);
    code.put((byte) -(body.length + DECREMENT.length + 1)).put(END);
  }
}
