/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.compile.BpfInstruction;
import io.jargdist.compile.ProgramImage;
import io.jargdist.ctext.AttachmentConstant;
import io.jargdist.ctext.FilledNumbers;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.os.KernelException;
import io.jargdist.os.PidFilter;
import io.jargdist.os.ProcessThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A probe in the kernel: its tables, its programs, and where they are attached. Owns all of them;
 * {@link #close()} takes them away in reverse order. A load that fails half-way leaves nothing.
 *
 * <p>Thread-safe: {@link #disable()} does not wait and may be called at any time, also while
 * another thread detaches or closes. The others wait for each other.
 */
public final class LoadedProbe implements AutoCloseable {
  private final Map<String, BpfTable> tables = new LinkedHashMap<>();
  private final List<BpfProgram> programs = new ArrayList<>();
  private final List<BpfProgram> counting = new ArrayList<>();
  private final @Nullable Integer pid;

  private final Map<String, Attachable> byName = new HashMap<>();

  /** How to attach the programs again; empty if that is not wanted. */
  private final List<Placed> placed = new ArrayList<>();

  /** Whether the programs may be wanted to be attached again, after a pause. */
  private final boolean again;

  private boolean paused;

  /** A thread that disables them does not wait for one that closes them, which takes long. */
  private final List<Held> attachments = new CopyOnWriteArrayList<>();

  private long missesOfDetached;
  private long missedReturnsOfDetached;

  /** A file in which programs are attached. It is known by its identity. */
  public static final class File {
    private final String path;
    private final OpenPlaces open = new OpenPlaces();

    /**
     * @param path of the open file; it can be another one's when the file is closed
     */
    private File(String path) {
      this.path = path;
    }
  }

  /**
   * A program and its places, whose files stay open.
   *
   * @param file that the places are in; null if they are in none
   * @param linked whether it is attached by a link
   */
  private record Placed(
      BpfProgram program, List<AttachPoint> points, @Nullable File file, boolean linked) {}

  /**
   * @param linked whether it was loaded to be attached by links
   */
  private record Attachable(BpfProgram program, boolean linked) {}

  /**
   * @param file that the place is in; null if it is in none
   */
  private record Held(Attachment attachment, @Nullable File file) {}

  private LoadedProbe(@Nullable Integer pid, boolean again) {
    this.pid = pid;
    this.again = again;
  }

  /**
   * Creates the tables, loads the programs and attaches them. Nothing counts before the gate is
   * opened.
   *
   * @param gate when it begins to count
   * @param ownThreads those whose events do not count
   * @param pid the target, as this process sees it; null for all processes
   * @param filter how the programs recognise it
   * @param thread the only thread whose events count, by the number that the filter's namespace has
   *     for it
   * @param links whether to attach by uprobe_multi links
   * @param again whether the programs may be wanted to be attached again, after a pause
   */
  public static LoadedProbe load(
      ProgramImage image,
      ProbePlan plan,
      @Nullable Integer pid,
      PidFilter filter,
      @Nullable Integer thread,
      boolean links,
      boolean again,
      Gate gate,
      OwnThreads ownThreads)
      throws KernelException, IOException {
    Map<String, BpfTable> shared = new HashMap<>(ownThreads.tables());
    shared.put(ProgramTables.GATE, gate.table());
    LoadedProbe probe = new LoadedProbe(pid, again);
    Map<String, File> files = new LinkedHashMap<>();
    try {
      List<BpfTable> byIndex = new ArrayList<>();
      for (ProgramImage.Table table : image.tables()) {
        BpfTable used = shared.get(table.name());
        if (used == null) {
          used = create(table, plan);
          probe.tables.put(table.name(), used);
        }
        byIndex.add(used);
      }
      Map<Long, Long> constants = constants(plan, filter, thread);
      ProbePlan.PairPlan pair = plan.pair();
      Integer unknownThreadsOf = pair != null && pair.followsThreads() ? pid : null;
      for (ProgramPlan program : plan.programs()) {
        boolean followsThreads = program.attachPoints().get(0) instanceof RawTracepointPoint;
        if (unknownThreadsOf != null && !followsThreads) {
          probe.addThreads(unknownThreadsOf);
          unknownThreadsOf = null;
        }
        probe.attach(program, image, byIndex, constants, links, files);
      }
      return probe;
    } catch (KernelException | IOException | RuntimeException | Error e) {
      probe.close();
      throw e;
    }
  }

  /** Adds the threads that were there before the programs that follow them were attached. */
  private void addThreads(int pid) throws KernelException, IOException {
    BpfTable threads = table(ProgramTables.TARGET_THREADS);
    Set<Integer> added = ProcessThreads.all(pid);
    for (int thread : added) {
      threads.put(OwnThreads.word(thread), OwnThreads.word(1));
    }
    // Those that have ended meanwhile were added too late for the program that removes them.
    added.removeAll(ProcessThreads.all(pid));
    for (int thread : added) {
      threads.remove(OwnThreads.word(thread));
    }
  }

  private static BpfTable create(ProgramImage.Table table, ProbePlan plan) throws KernelException {
    return BpfTable.create(table.sized(plan.sizes().of(table.name(), table.maxEntries())));
  }

  /** Returns a map from placeholders to the numbers that replace them. */
  private static Map<Long, Long> constants(
      ProbePlan plan, PidFilter filter, @Nullable Integer thread) {
    Map<Long, Long> values = new HashMap<>();
    values.put(AttachmentConstant.PROCESS.placeholder(), (long) filter.process());
    PidFilter.Namespace namespace = filter.namespace();
    if (namespace != null) {
      values.put(AttachmentConstant.DEVICE.placeholder(), namespace.device());
      values.put(AttachmentConstant.INODE.placeholder(), namespace.inode());
    }
    values.put(AttachmentConstant.PROCESSORS.placeholder(), (long) plan.sizes().processors());
    if (thread != null) {
      values.put(AttachmentConstant.THREAD.placeholder(), (long) thread);
    }
    ProbePlan.PairPlan pair = plan.pair();
    if (pair != null && pair.interruptVariable() != null) {
      values.put(AttachmentConstant.PREEMPT_COUNT.placeholder(), (long) pair.interruptVariable());
    }
    for (int i = 0; i < plan.numbers().size(); i++) {
      values.put(FilledNumbers.placeholder(i), plan.numbers().get(i));
    }
    return values;
  }

  private void attach(
      ProgramPlan plan,
      ProgramImage image,
      List<BpfTable> byIndex,
      Map<Long, Long> constants,
      boolean links,
      Map<String, File> files)
      throws KernelException, IOException {
    AttachPoint first = plan.attachPoints().get(0);
    boolean linked = links && first instanceof UprobePoint;
    BpfProgram program = load(plan, image, byIndex, constants, linked);
    programs.add(program);
    byName.put(plan.name(), new Attachable(program, linked));
    if (plan.counts()) {
      counting.add(program);
    }
    attach(program, plan.present(), linked, files);
  }

  /** Attaches a program. What is in files goes file by file. */
  private void attach(
      BpfProgram program, List<AttachPoint> points, boolean linked, Map<String, File> files)
      throws KernelException, IOException {
    Map<String, List<AttachPoint>> byFile = new LinkedHashMap<>();
    for (AttachPoint point : points) {
      String path = point instanceof UprobePoint uprobe ? uprobe.location().path() : "";
      byFile.computeIfAbsent(path, file -> new ArrayList<>()).add(point);
    }
    for (Map.Entry<String, List<AttachPoint>> each : byFile.entrySet()) {
      File file = each.getKey().isEmpty() ? null : files.computeIfAbsent(each.getKey(), File::new);
      List<AttachPoint> places = each.getValue();
      if (again) {
        places = file == null ? places : file.open.opened(places);
        placed.add(new Placed(program, places, file, linked));
      }
      if (!paused) {
        attach(new Placed(program, places, file, linked));
      }
    }
  }

  private void attach(Placed each) throws KernelException, IOException {
    if (each.linked()) {
      attachLinks(each);
      return;
    }
    for (AttachPoint point : each.points()) {
      attachments.add(new Held(Attachment.of(each.program(), point, pid), each.file()));
    }
  }

  /**
   * Attaches the programs in a file, too, which was not there before. If that fails, nothing is
   * attached there.
   *
   * @param plan of the same programs, with places in the file
   * @param path of the open file
   * @return null if the probe was detached meanwhile
   */
  public synchronized @Nullable File add(ProbePlan plan, String path)
      throws KernelException, IOException {
    if (programs.isEmpty()) {
      return null;
    }
    File file = new File(path);
    boolean attached = false;
    try {
      for (ProgramPlan each : plan.programs()) {
        Attachable attachable = byName.get(each.name());
        List<AttachPoint> points =
            each.present().stream()
                .filter(
                    point ->
                        point instanceof UprobePoint uprobe
                            && uprobe.location().path().equals(path))
                .toList();
        if (attachable != null && !points.isEmpty()) {
          attach(
              attachable.program(), points, attachable.linked(), new HashMap<>(Map.of(path, file)));
        }
      }
      attached = true;
      return file;
    } finally {
      if (!attached) {
        remove(file);
      }
    }
  }

  /**
   * Returns the file with a path among those in which the programs are attached.
   *
   * @param path of an open file that was open when they were attached there
   * @return null if there is none
   */
  public synchronized @Nullable File file(String path) {
    return attachments.stream()
        .map(Held::file)
        .filter(file -> file != null && file.path.equals(path))
        .findFirst()
        .orElse(null);
  }

  /** Takes the programs from their places in a file for good. Waits for the kernel. */
  public void remove(File file) {
    List<Held> leaving;
    synchronized (this) {
      placed.removeIf(each -> each.file() == file);
      leaving = lastFirst();
      leaving.removeIf(held -> held.file() != file);
      attachments.removeAll(leaving);
    }
    leaving.forEach(held -> held.attachment().close());
    file.open.close();
  }

  /**
   * Takes the programs from their places, so that the application does not stop there any more. The
   * probe stays loaded, and the programs count until the moment when they are gone. Waits for the
   * kernel, but lets others use the probe meanwhile.
   */
  public void pause() {
    List<Held> leaving;
    synchronized (this) {
      paused = true;
      leaving = lastFirst();
      attachments.clear();
    }
    leaving.forEach(held -> held.attachment().close());
  }

  /**
   * Puts the programs back to their places after a pause, unless the probe was detached meanwhile.
   */
  public synchronized void resume() throws KernelException, IOException {
    paused = false;
    for (Placed each : placed) {
      attach(each);
    }
  }

  private static BpfProgram load(
      ProgramPlan plan,
      ProgramImage image,
      List<BpfTable> byIndex,
      Map<Long, Long> constants,
      boolean linked)
      throws KernelException {
    ProgramImage.Program compiled =
        image.programs().stream()
            .filter(program -> program.name().equals(plan.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no program " + plan.name()));
    byte[] instructions = compiled.instructions();
    ByteBuffer code = ByteBuffer.wrap(instructions).order(ByteOrder.nativeOrder());
    for (ProgramImage.Relocation relocation : compiled.relocations()) {
      int at = relocation.instruction() * BpfInstruction.SIZE;
      BpfInstruction.IMMEDIATE.put(code, at, byIndex.get(relocation.table()).fd());
    }
    fill(code, constants);
    boolean exchanges = ExchangeMark.replaceAll(code);
    BpfProgram.Purpose purpose = Attachment.purpose(plan.attachPoints().get(0), linked);
    try {
      return BpfProgram.load(plan.name(), purpose, instructions);
    } catch (KernelException e) {
      throw exchanges && !e.isPermission() && !ExchangeMark.isKnown() ? noPairsByValues() : e;
    }
  }

  private static KernelException noPairsByValues() {
    return new KernelException("loading a program", "bpf", KernelException.EINVAL)
        .explained(
            "this kernel cannot join pairs by values (Linux 5.12 can): leave out \"on\" if both"
                + " events are of one thread");
  }

  /**
   * Replaces the placeholders. A placeholder has a half in each of two instructions, and the
   * instruction behind them marks it: see {@link AttachmentConstant}.
   */
  private static void fill(ByteBuffer code, Map<Long, Long> constants) {
    int size = BpfInstruction.SIZE;
    for (int at = 0; at + 2 * size < code.capacity(); at += size) {
      if (BpfInstruction.CODE.get(code, at) != BpfInstruction.LOAD_64) {
        continue;
      }
      int high = at + size;
      if (isMarked(code, at)) {
        long number =
            BpfInstruction.IMMEDIATE.get(code, at)
                | BpfInstruction.IMMEDIATE.get(code, high) << Integer.SIZE;
        Long value = constants.get(number);
        if (value != null) {
          BpfInstruction.IMMEDIATE.put(code, at, value);
          BpfInstruction.IMMEDIATE.put(code, high, value >>> Integer.SIZE);
        }
        if (number == AttachmentConstant.PREEMPT_COUNT.placeholder() && value != null) {
          int registers = (int) BpfInstruction.REGISTERS.get(code, at);
          BpfInstruction.REGISTERS.put(
              code,
              at,
              BpfInstruction.registers(
                  BpfInstruction.destination(registers), BpfInstruction.KERNEL_VARIABLE));
        }
      }
      at = high;
    }
  }

  /** The mark moves the register that was loaded to itself. */
  private static boolean isMarked(ByteBuffer code, int load) {
    int mark = load + 2 * BpfInstruction.SIZE;
    int loaded = BpfInstruction.destination((int) BpfInstruction.REGISTERS.get(code, load));
    int moved = (int) BpfInstruction.REGISTERS.get(code, mark);
    return BpfInstruction.CODE.get(code, mark) == BpfInstruction.MOVE
        && BpfInstruction.source(moved) == loaded
        && BpfInstruction.destination(moved) == loaded;
  }

  /**
   * Lets the kernel verify the programs of a plan as they would be attached, attaches none of them,
   * and leaves nothing. The verifier follows only what can happen, so it gets the numbers of the
   * process, too: without them it sees nothing behind the comparison of the process.
   *
   * @param filter as for {@link #load}
   * @param thread as for {@link #load}
   * @throws KernelException if it refuses one
   */
  public static void verify(
      ProgramImage image, ProbePlan plan, PidFilter filter, @Nullable Integer thread)
      throws KernelException {
    List<BpfTable> tables = new ArrayList<>();
    try {
      for (ProgramImage.Table table : image.tables()) {
        tables.add(create(table, plan));
      }
      for (ProgramPlan program : plan.programs()) {
        load(program, image, tables, constants(plan, filter, thread), false).close();
      }
    } finally {
      tables.forEach(BpfTable::close);
    }
  }

  /** Attaches a program by links. A link has all places of one file that are of one moment. */
  private void attachLinks(Placed each) throws KernelException {
    Map<ProbePlan.Moment, List<UprobePoint>> places = new LinkedHashMap<>();
    for (AttachPoint point : each.points()) {
      UprobePoint uprobe = (UprobePoint) point;
      places.computeIfAbsent(uprobe.moment(), moment -> new ArrayList<>()).add(uprobe);
    }
    for (List<UprobePoint> points : places.values()) {
      attachments.add(new Held(Attachment.linked(each.program(), points, pid), each.file()));
    }
  }

  /** Returns the table that has a name in the plan. */
  public BpfTable table(String name) {
    BpfTable table = tables.get(name);
    if (table == null) {
      throw new IllegalStateException("no table " + name);
    }
    return table;
  }

  /**
   * Returns how many runs of the counting programs the kernel skipped. A skipped entry program is
   * not among them: its call's return finds no entry, and that is counted.
   */
  public synchronized long recursionMisses() throws KernelException {
    long misses = missesOfDetached;
    for (BpfProgram program : counting) {
      misses += program.recursionMisses();
    }
    return misses;
  }

  /** Returns what the kernel has measured of the programs' runs: see {@link RunStatistics}. */
  synchronized BpfProgram.Runs runs() throws KernelException {
    BpfProgram.Runs runs = BpfProgram.Runs.NONE;
    for (BpfProgram program : counting) {
      runs = runs.plus(program.runs());
    }
    return runs;
  }

  /** Returns how many returns of kernel functions, in all processes, the kernel could not trap. */
  public synchronized long missedReturns() throws IOException {
    long missed = missedReturnsOfDetached;
    for (Held held : attachments) {
      if (held.attachment() instanceof KprobeAttachment kprobe) {
        missed += kprobe.missed();
      }
    }
    return missed;
  }

  /** Stops counting at once; closing takes longer. */
  public void disable() {
    for (Held held : lastFirst()) {
      try {
        held.attachment().disable();
      } catch (KernelException e) {
        // Closing it will stop it, too.
      }
    }
  }

  /** Removes the programs, but not the tables, which can still be read. */
  public synchronized void detach() throws KernelException, IOException {
    disable();
    try {
      missedReturnsOfDetached = missedReturns();
    } finally {
      closeAttachments();
    }
    try {
      missesOfDetached = recursionMisses();
    } finally {
      closePrograms();
    }
  }

  private void closeAttachments() {
    lastFirst().forEach(held -> held.attachment().close());
    attachments.clear();
  }

  private List<Held> lastFirst() {
    List<Held> all = new ArrayList<>(attachments);
    Collections.reverse(all);
    return all;
  }

  private void closePrograms() {
    placed.stream().map(Placed::file).filter(Objects::nonNull).forEach(file -> file.open.close());
    placed.clear();
    programs.forEach(BpfProgram::close);
    programs.clear();
    byName.clear();
    counting.clear();
  }

  @Override
  public synchronized void close() {
    disable();
    closeAttachments();
    closePrograms();
    tables.values().forEach(BpfTable::close);
    tables.clear();
  }
}
