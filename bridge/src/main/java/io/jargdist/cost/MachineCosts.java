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
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.TrampolineCandidate;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Knows what probes cost on this machine. The costs are measured on code of our own when they are
 * first asked for, and are valid on disk until the next boot. A machine that is busy makes
 * everything look dearer, so the first {@value #MEASUREMENTS} bridges after a boot measure again,
 * in the background, and the least of all measurements counts. Thread-safe.
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
  private static final int ASSUMED_UPROBE = 12_000;

  private static final int ASSUMED_EVENT = 2_000;

  private final KernelTypes types;
  private final Map<Event, Integer> events = new EnumMap<>(Event.class);
  private @Nullable UprobeCosts costs;

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
   * @param measurements the number of measurements that they are the least of
   */
  private record Stored(UprobeCosts costs, int measurements) {
    static Stored decode(byte[] content) throws IOException {
      String text = new String(content, StandardCharsets.UTF_8);
      Properties lines = new Properties();
      lines.load(new StringReader(text));
      try {
        return new Stored(
            UprobeCosts.decode(text), Integer.parseInt(lines.getProperty(MEASUREMENTS_KEY)));
      } catch (IllegalArgumentException e) {
        throw new IOException("not what we cache", e);
      }
    }

    byte[] encode() {
      String text = costs.encode() + MEASUREMENTS_KEY + "=" + measurements + "\n";
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Returns {@link UprobeCosts#UNKNOWN} if this process cannot measure. */
  public synchronized UprobeCosts uprobes() {
    if (costs == null) {
      costs = readOrMeasure();
    }
    return costs;
  }

  private UprobeCosts readOrMeasure() {
    FileCache files;
    String name;
    try {
      files = new FileCache(PrivateDirectory.subdirectory("measured"), 1);
      name = "uprobes-" + KernelFile.text(BOOT_ID).strip();
    } catch (IOException e) {
      return measure();
    }
    // This is null also if another version wrote the file.
    Stored stored = files.read(name, Stored::decode);
    if (stored != null) {
      if (stored.measurements() < MEASUREMENTS) {
        measureAgain(files, name, stored);
      }
      return stored.costs();
    }
    UprobeCosts measured = measure();
    if (!measured.equals(UprobeCosts.UNKNOWN)) {
      files.write(name, new Stored(measured, 1).encode());
    }
    return measured;
  }

  private static UprobeCosts measure() {
    try {
      return UprobeMeasurement.measure(PrivateDirectory.subdirectory("native"));
    } catch (IOException | KernelException e) {
      return UprobeCosts.UNKNOWN;
    }
  }

  private void measureAgain(FileCache files, String name, Stored stored) {
    Thread thread =
        new Thread(
            () -> {
              UprobeCosts lowest = stored.costs().lowest(measure());
              files.write(name, new Stored(lowest, stored.measurements() + 1).encode());
              synchronized (this) {
                costs = lowest;
              }
            },
            "machine-costs");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Returns what an entry probe at an instruction costs with a program that does nothing but count,
   * in ns.
   *
   * @return null if nothing was measured
   * @throws IOException if the file cannot be read
   */
  private @Nullable Integer nanosAt(CodeLocation location) throws IOException {
    return uprobes().nanosAt(kindAt(location));
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
  private synchronized int ofEvent(Event event) {
    return events.computeIfAbsent(
        event,
        unknown -> {
          Integer nanos = measure(event);
          return nanos == null ? ASSUMED_EVENT : nanos;
        });
  }

  private @Nullable Integer measure(Event event) {
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
   * Returns what a hit of a probe costs, in ns: at the dearest of its places, with entry and return
   * of a function added up. The program is assumed to do no more than count.
   */
  public double ofHit(ProbePlan plan) {
    int entry = 0;
    int atReturn = 0;
    for (ProgramPlan program : plan.programs()) {
      for (AttachPoint point : program.attachPoints()) {
        if (point.atReturn()) {
          atReturn = Math.max(atReturn, cost(point));
        } else {
          entry = Math.max(entry, cost(point));
        }
      }
    }
    return entry + atReturn;
  }

  private int cost(AttachPoint point) {
    return switch (point.kind()) {
      case UPROBE -> ofUprobe((UprobePoint) point);
      case KPROBE -> ofEvent(point.atReturn() ? Event.KRETPROBE : Event.KPROBE);
      case TRAMPOLINE -> ofEvent(point.atReturn() ? Event.FEXIT : Event.FENTRY);
      case TRACEPOINT -> ofEvent(Event.TRACEPOINT);
      // The end of a thread is rare.
      case RAW_TRACEPOINT -> 0;
    };
  }

  private int ofUprobe(UprobePoint point) {
    try {
      Integer nanos =
          point.atReturn() ? (Integer) uprobes().returnNanos() : nanosAt(point.location());
      return nanos == null ? ASSUMED_UPROBE : nanos;
    } catch (IOException e) {
      return ASSUMED_UPROBE;
    }
  }
}
