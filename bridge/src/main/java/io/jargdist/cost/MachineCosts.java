/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.child.PrivateDirectory;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.compile.FileCache;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.TypedFunction;
import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.TrampolineCandidate;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows what probes cost on this machine. The costs are measured on code of our own when they are
 * first asked for, and are valid on disk until the next boot. A machine that is busy makes
 * everything look dearer, so the first {@value #MEASUREMENTS} bridges after a boot measure again,
 * in the background, and the least of all measurements counts. What they cost while all processors
 * are hit is always measured in the background, and unknown until then. Thread-safe.
 */
public final class MachineCosts {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String MEASUREMENTS_KEY = "measurements";
  private static final int MEASUREMENTS = 5;
  private static final int LONGEST_INSTRUCTION = 15;

  /**
   * The cost that is assumed where nothing can be measured. It is high, so that no cost is
   * overlooked.
   */
  private static final HitCost ASSUMED_UPROBE = HitCost.same(12_000);

  private static final HitCost ASSUMED_EVENT = HitCost.same(2_000);
  private static final int TRIES = 10;
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final KernelTypes types;
  private final Map<Event, HitCost> events = new EnumMap<>(Event.class);
  private @Nullable Stored known;
  private @Nullable Thread measuring;

  /**
   * @param types the running kernel's
   */
  public MachineCosts(KernelTypes types) {
    this.types = types;
  }

  private enum Event {
    TRACEPOINT,
    KPROBE,
    KRETPROBE,
    FENTRY,
    FEXIT
  }

  /**
   * Costs as they are on disk.
   *
   * @param alone while one thread is hit
   * @param together while all processors are; unknown until that is measured
   * @param measurements the number of measurements that they are the least of
   */
  private record Stored(UprobeCosts alone, UprobeCosts together, int measurements) {
    static final String TOGETHER = "together.";

    static Stored decode(byte[] content) throws IOException {
      String text = new String(content, StandardCharsets.UTF_8);
      Properties lines = new Properties();
      lines.load(new StringReader(text));
      try {
        String together =
            text.lines()
                .filter(line -> line.startsWith(TOGETHER))
                .map(line -> line.substring(TOGETHER.length()) + "\n")
                .collect(Collectors.joining());
        return new Stored(
            UprobeCosts.decode(text),
            together.isEmpty() ? UprobeCosts.UNKNOWN : UprobeCosts.decode(together),
            Integer.parseInt(lines.getProperty(MEASUREMENTS_KEY)));
      } catch (IllegalArgumentException e) {
        throw new IOException("not what we cache", e);
      }
    }

    byte[] encode() {
      StringBuilder text = new StringBuilder(alone.encode());
      if (!together.nanos().isEmpty()) {
        together.encode().lines().forEach(line -> text.append(TOGETHER + line + "\n"));
      }
      text.append(MEASUREMENTS_KEY + "=" + measurements + "\n");
      return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    boolean isComplete() {
      return measurements >= MEASUREMENTS
          && (AllProcessors.number() == 1 || !together.nanos().isEmpty());
    }
  }

  /** Returns {@link UprobeCosts#UNKNOWN} if this process cannot measure. */
  public UprobeCosts uprobes() {
    return known().alone();
  }

  private synchronized Stored known() {
    if (known == null) {
      known = readOrMeasure();
    }
    return known;
  }

  /** Waits until what is being measured is known, but not for long. */
  public void awaitMeasurement() {
    known();
    Thread thread;
    synchronized (this) {
      thread = measuring;
    }
    try {
      if (thread != null) {
        thread.join(PATIENCE.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Stored readOrMeasure() {
    FileCache files = null;
    String name = "";
    Stored stored = null;
    try {
      files = new FileCache(PrivateDirectory.subdirectory("measured"), 1);
      name = "uprobes-" + KernelFile.text(BOOT_ID).strip();
      // This is null also if another version wrote the file.
      stored = files.read(name, Stored::decode);
    } catch (IOException e) {
      // What is measured is not cached.
    }
    boolean again = stored != null;
    if (stored == null) {
      stored = new Stored(measure(), UprobeCosts.UNKNOWN, 1);
    }
    if (!stored.alone().nanos().isEmpty() && !stored.isComplete()) {
      measureInBackground(files, name, stored, again);
    }
    return stored;
  }

  private static UprobeCosts measure() {
    try {
      return UprobeMeasurement.measure(PrivateDirectory.subdirectory("native"));
    } catch (IOException | KernelException | MachineException e) {
      return UprobeCosts.UNKNOWN;
    }
  }

  /** Tries again later where other work leaves no moment for it. */
  private static UprobeCosts measureTogether(UprobeCosts alone) {
    UprobeCosts together = tryTogether(alone);
    try {
      for (int i = 1; i < TRIES && AllProcessors.number() > 1 && together.nanos().isEmpty(); i++) {
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        together = tryTogether(alone);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return together;
  }

  private static UprobeCosts tryTogether(UprobeCosts alone) {
    try {
      return AllProcessors.number() == 1
          ? UprobeCosts.UNKNOWN
          : UprobeMeasurement.measureTogether(PrivateDirectory.subdirectory("native"), alone);
    } catch (IOException | KernelException | MachineException e) {
      return UprobeCosts.UNKNOWN;
    }
  }

  /**
   * @param files where what was measured is cached; null for nowhere
   * @param again whether one thread is to measure again
   */
  private void measureInBackground(
      @Nullable FileCache files, String name, Stored stored, boolean again) {
    measuring =
        new Thread(
            () -> {
              UprobeCosts alone = again ? stored.alone().lowest(measure()) : stored.alone();
              Stored lowest =
                  new Stored(
                      alone,
                      stored.together().lowest(measureTogether(alone)),
                      Math.min(MEASUREMENTS, stored.measurements() + (again ? 1 : 0)));
              if (files != null) {
                files.write(name, lowest.encode());
              }
              synchronized (this) {
                known = lowest;
              }
            },
            "machine-costs");
    measuring.setDaemon(true);
    measuring.start();
  }

  /**
   * Returns what an entry probe at an instruction costs with a program that does nothing but count.
   *
   * @param kind null if it is of no known kind
   * @return null if nothing was measured
   */
  public @Nullable HitCost at(@Nullable InstructionKind kind) {
    Stored now = known();
    return cost(now.alone().nanosAt(kind), now.together().nanosAt(kind));
  }

  /** Returns what a return probe of a user function costs in addition; null if not measured. */
  public @Nullable HitCost ofReturn() {
    Stored now = known();
    boolean measured = !now.alone().nanos().isEmpty();
    boolean together = !now.together().nanos().isEmpty();
    return cost(
        measured ? now.alone().returnNanos() : null,
        together ? now.together().returnNanos() : null);
  }

  private static @Nullable HitCost cost(@Nullable Integer alone, @Nullable Integer together) {
    if (alone == null) {
      return null;
    }
    return together == null
        ? HitCost.same(alone)
        : HitCost.extrapolated(
            alone, together, AllProcessors.number(), Runtime.getRuntime().availableProcessors());
  }

  /**
   * Returns the kind of the instruction at a location.
   *
   * @param location whose file is still open
   * @return null if it is of no known kind
   */
  public static @Nullable InstructionKind kindAt(CodeLocation location) throws IOException {
    try (RegularFile file = RegularFile.open(location.path(), location.display())) {
      byte[] code = new byte[LONGEST_INSTRUCTION];
      int length = file.read(location.offset(), code);
      return InstructionKind.first(Arrays.copyOf(code, length));
    }
  }

  /** Measures the cost when the first such probe is attached. */
  private synchronized HitCost ofEvent(Event event) {
    return events.computeIfAbsent(
        event,
        unknown -> {
          HitCost cost = measure(event);
          return cost == null ? ASSUMED_EVENT : cost;
        });
  }

  /** Returns what a hit of a tracepoint costs; null if that cannot be measured. */
  public @Nullable HitCost ofTracepoint() {
    HitCost cost = ofEvent(Event.TRACEPOINT);
    return cost.equals(ASSUMED_EVENT) ? null : cost;
  }

  private @Nullable HitCost measure(Event event) {
    return switch (event) {
      case TRACEPOINT -> EventMeasurement.tracepoint();
      case KPROBE, KRETPROBE -> EventMeasurement.kprobe(event == Event.KRETPROBE);
      case FENTRY, FEXIT -> {
        boolean atReturn = event == Event.FEXIT;
        TypedFunction function =
            TrampolineCandidate.of(EventMeasurement.FUNCTION, null, atReturn, types).function();
        yield function == null ? null : EventMeasurement.trampoline(function, atReturn);
      }
    };
  }

  /**
   * Returns what a hit of a probe costs: at the dearest of its places, with entry and return of a
   * function added up. The program is assumed to do no more than count.
   *
   * @param plan whose files are still open
   * @return the cost as it is known when it is asked for
   */
  public Supplier<HitCost> ofHit(ProbePlan plan) {
    List<Supplier<HitCost>> entries = new ArrayList<>();
    List<Supplier<HitCost>> returns = new ArrayList<>();
    for (ProgramPlan program : plan.programs()) {
      for (AttachPoint point : program.present()) {
        (point.atReturn() ? returns : entries).add(cost(point));
      }
    }
    return () -> dearest(entries).plus(dearest(returns));
  }

  /** Returns what the kernel does with an instruction of user code that is probed. */
  public UprobeCosts.Manner mannerAt(CodeLocation location) throws IOException {
    return uprobes().mannerAt(kindAt(location));
  }

  private static HitCost dearest(List<Supplier<HitCost>> costs) {
    return costs.stream().map(Supplier::get).reduce(HitCost.NOTHING, HitCost::dearer);
  }

  private Supplier<HitCost> cost(AttachPoint point) {
    return switch (point.kind()) {
      case UPROBE -> ofUprobe((UprobePoint) point);
      case KPROBE -> measured(point.atReturn() ? Event.KRETPROBE : Event.KPROBE);
      case TRAMPOLINE -> measured(point.atReturn() ? Event.FEXIT : Event.FENTRY);
      case TRACEPOINT -> measured(Event.TRACEPOINT);
      // The end of a thread is rare.
      case RAW_TRACEPOINT -> () -> HitCost.NOTHING;
    };
  }

  private Supplier<HitCost> measured(Event event) {
    HitCost cost = ofEvent(event);
    return () -> cost;
  }

  private Supplier<HitCost> ofUprobe(UprobePoint point) {
    if (point.replacesReturns()) {
      return () -> orAssumed(ofReturn());
    }
    try {
      InstructionKind kind = kindAt(point.location());
      return () -> orAssumed(at(kind));
    } catch (IOException e) {
      return () -> orAssumed(null);
    }
  }

  private static HitCost orAssumed(@Nullable HitCost measured) {
    return measured == null ? ASSUMED_UPROBE : measured;
  }
}
