/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.compile.ProgramImage;
import io.jargdist.resolve.PidFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A probe in the kernel: its tables, its programs, and where they are attached. Owns all of them;
 * {@link #close()} takes them away in reverse order. A load that fails half-way leaves nothing.
 */
public final class LoadedProbe implements AutoCloseable {
  private static final int CONFIG_SIZE = 32;

  private final Map<String, BpfTable> tables = new LinkedHashMap<>();
  private final List<BpfProgram> programs = new ArrayList<>();
  private final List<BpfProgram> counting = new ArrayList<>();
  private final List<Attachment> attachments = new ArrayList<>();

  private LoadedProbe() {}

  /**
   * Creates the tables, loads the programs and attaches them.
   *
   * @param pid the target, as this process sees it; null for all processes
   * @param filter how the programs recognise it
   * @param thread the only thread whose events count, by the number that the filter's namespace has
   *     for it
   * @param links whether to attach by uprobe_multi links
   */
  public static LoadedProbe load(
      ProgramImage image,
      ProbePlan plan,
      @Nullable Integer pid,
      PidFilter filter,
      @Nullable Integer thread,
      boolean links)
      throws KernelException, IOException {
    LoadedProbe probe = new LoadedProbe();
    try {
      List<BpfTable> byIndex = new ArrayList<>();
      for (ProgramImage.Table table : image.tables()) {
        BpfTable created = BpfTable.create(table);
        byIndex.add(created);
        probe.tables.put(table.name(), created);
      }
      probe.configure(filter, thread, Long.MAX_VALUE);
      for (ProgramPlan program : plan.programs()) {
        probe.attach(program, image, byIndex, pid, links);
      }
      // Calls that began before everything was attached have an entry without a return.
      probe.configure(filter, thread, System.nanoTime());
      return probe;
    } catch (KernelException | IOException | RuntimeException e) {
      probe.close();
      throw e;
    }
  }

  /** CLOCK_MONOTONIC is what both System.nanoTime and bpf_ktime_get_ns read on Linux. */
  private void configure(PidFilter filter, @Nullable Integer thread, long since)
      throws KernelException {
    ByteBuffer config = ByteBuffer.allocate(CONFIG_SIZE).order(ByteOrder.nativeOrder());
    config.putLong(since);
    if (filter instanceof PidFilter.Namespaced namespaced) {
      config.putLong(namespaced.device()).putLong(namespaced.inode());
    } else {
      config.putLong(0).putLong(0);
    }
    config.putInt(filter.process()).putInt(thread == null ? 0 : thread);
    table(ProbePlan.CONFIG_TABLE).put(new byte[4], config.array());
  }

  private void attach(
      ProgramPlan plan,
      ProgramImage image,
      List<BpfTable> byIndex,
      @Nullable Integer pid,
      boolean links)
      throws KernelException, IOException {
    AttachPoint first = plan.attachPoints().get(0);
    int attachType = links && first instanceof UprobePoint ? UprobeLink.ATTACH_TYPE : 0;
    BpfProgram program = load(plan, image, byIndex, attachType);
    programs.add(program);
    if (plan.counts()) {
      counting.add(program);
    }
    if (attachType != 0) {
      attachLinks(program, plan.attachPoints(), pid);
      return;
    }
    for (AttachPoint point : plan.attachPoints()) {
      attachments.add(attach(program, point, pid));
    }
  }

  private static BpfProgram load(
      ProgramPlan plan, ProgramImage image, List<BpfTable> byIndex, int attachType)
      throws KernelException {
    ProgramImage.Program compiled =
        image.programs().stream()
            .filter(program -> program.name().equals(plan.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no program " + plan.name()));
    byte[] instructions = compiled.instructions();
    ByteBuffer code = ByteBuffer.wrap(instructions).order(ByteOrder.nativeOrder());
    for (ProgramImage.Relocation relocation : compiled.relocations()) {
      code.putInt(relocation.instruction() * 8 + 4, byIndex.get(relocation.table()).fd());
    }
    return BpfProgram.load(plan.name(), type(plan.attachPoints().get(0)), attachType, instructions);
  }

  /**
   * Lets the kernel verify the programs of a plan, attaches none of them, and leaves nothing.
   *
   * @throws KernelException if it refuses one
   */
  public static void verify(ProgramImage image, ProbePlan plan) throws KernelException {
    List<BpfTable> tables = new ArrayList<>();
    try {
      for (ProgramImage.Table table : image.tables()) {
        tables.add(BpfTable.create(table));
      }
      for (ProgramPlan program : plan.programs()) {
        load(program, image, tables, 0).close();
      }
    } finally {
      tables.forEach(BpfTable::close);
    }
  }

  private static BpfProgram.Type type(AttachPoint point) {
    if (point instanceof UprobePoint || point instanceof KprobePoint) {
      return BpfProgram.Type.PROBE;
    }
    return point instanceof TracepointPoint
        ? BpfProgram.Type.TRACEPOINT
        : BpfProgram.Type.RAW_TRACEPOINT;
  }

  private static Attachment attach(BpfProgram program, AttachPoint point, @Nullable Integer pid)
      throws KernelException, IOException {
    if (point instanceof UprobePoint uprobe) {
      return PerfAttachment.uprobe(program, uprobe, pid);
    } else if (point instanceof KprobePoint kprobe) {
      return KprobeAttachment.attach(program, kprobe);
    }
    return point instanceof TracepointPoint tracepoint
        ? PerfAttachment.tracepoint(program, tracepoint)
        : RawTracepointAttachment.open(program, (RawTracepointPoint) point);
  }

  /** One link takes all places of one file. */
  private void attachLinks(BpfProgram program, List<AttachPoint> points, @Nullable Integer pid)
      throws KernelException {
    Map<String, List<UprobePoint>> byFile = new LinkedHashMap<>();
    for (AttachPoint point : points) {
      UprobePoint uprobe = (UprobePoint) point;
      String key = uprobe.atReturn() + uprobe.location().path();
      byFile.computeIfAbsent(key, file -> new ArrayList<>()).add(uprobe);
    }
    for (List<UprobePoint> places : byFile.values()) {
      attachments.add(UprobeLink.attach(program, places, pid));
    }
  }

  /** A table of the plan, by its name there. */
  public BpfTable table(String name) {
    BpfTable table = tables.get(name);
    if (table == null) {
      throw new IllegalStateException("no table " + name);
    }
    return table;
  }

  /**
   * How many runs of the counting programs the kernel skipped. A skipped entry program is not among
   * them: its call's return finds no entry, and that is counted.
   */
  public long recursionMisses() throws KernelException {
    long misses = 0;
    for (BpfProgram program : counting) {
      misses += program.recursionMisses();
    }
    return misses;
  }

  /** How many returns of kernel functions, in all processes, the kernel could not trap. */
  public long missedReturns() throws IOException {
    long missed = 0;
    for (Attachment attachment : attachments) {
      if (attachment instanceof KprobeAttachment kprobe) {
        missed += kprobe.missed();
      }
    }
    return missed;
  }

  /** Stops counting at once; closing takes longer. */
  public void disable() {
    for (int i = attachments.size() - 1; i >= 0; i--) {
      try {
        attachments.get(i).disable();
      } catch (KernelException e) {
        // Closing it will stop it, too.
      }
    }
  }

  @Override
  public void close() {
    disable();
    for (int i = attachments.size() - 1; i >= 0; i--) {
      attachments.get(i).close();
    }
    attachments.clear();
    programs.forEach(BpfProgram::close);
    programs.clear();
    counting.clear();
    tables.values().forEach(BpfTable::close);
    tables.clear();
  }
}
