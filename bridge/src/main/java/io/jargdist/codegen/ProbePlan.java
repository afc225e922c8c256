/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.specifier.Form;
import io.jargdist.typing.CType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is needed to run a specifier on this machine: what to compile, what to attach
 * where, and how to read the tables. A description; nothing is alive yet.
 *
 * @param label what stands above the rows: the specifier's label, else what argdist shows
 * @param unit of a histogram's values: {@code "ns"} for {@code $latency} alone, else empty
 * @param text the C text to compile; it depends on nothing but the specifier and the machine's
 *     facts, not on the target process
 * @param programs in the order in which they have to be attached
 * @param buckets how a histogram divides its values; null for a frequency
 * @param usesLatency whether {@code $latency} is among what it needs
 * @param kernelStructs structs of user space of which the kernel's layout is taken, since no other
 *     is known
 * @param key how to read a frequency's keys; empty for a histogram, and for a plain count
 */
public record ProbePlan(
    Form form,
    String label,
    String unit,
    String text,
    List<ProgramPlan> programs,
    @Nullable BucketScheme buckets,
    boolean usesLatency,
    Set<String> kernelStructs,
    List<KeyField> key) {
  /** The names of the tables in {@link #text}. */
  public static final String LEDGER_TABLE = "ledger";

  /** Shared by the probes that begin together: {@link #GATE_CLOSED}. */
  public static final String GATE_TABLE = "start_gate";

  /** Shared by all probes of a process: its threads that are ours, and a bit for each. */
  public static final String OWN_THREADS_TABLE = "own_threads";

  /** An element of 64 bits: a thread is looked for only if bit {@code number % 64} is set. */
  public static final String OWN_BITS_TABLE = "own_bits";

  /** The gate's first word as long as nothing counts; then it is a time of CLOCK_MONOTONIC. */
  public static final long GATE_CLOSED = Long.MAX_VALUE;

  /**
   * How many halves the ledger, the histogram and each count have. What is counted goes into the
   * one that the gate names, so that the other one rests and all probes of a gate can be read as
   * they were at one instant.
   */
  public static final int HALVES = 2;

  /** How many of our threads a table takes. */
  public static final int MAX_OWN_THREADS = 256;

  public static final String HISTOGRAM_TABLE = "histogram";

  /** Only of frequencies that have a key. */
  public static final String FREQUENCY_TABLE = "counts";

  public ProbePlan {
    programs = List.copyOf(programs);
    kernelStructs = new TreeSet<>(kernelStructs);
    key = List.copyOf(key);
  }

  public boolean usesTrampolines() {
    return programs.stream()
        .flatMap(program -> program.attachPoints().stream())
        .anyMatch(TrampolinePoint.class::isInstance);
  }

  /**
   * A BPF program and the places that run it.
   *
   * @param name of its function in the C text
   * @param counts whether each of its runs is an event; else it only helps the one that counts
   */
  public record ProgramPlan(String name, List<AttachPoint> attachPoints, boolean counts) {
    public ProgramPlan {
      attachPoints = List.copyOf(attachPoints);
    }

    public ProgramPlan(String name, List<AttachPoint> attachPoints) {
      this(name, attachPoints, true);
    }
  }

  /** A place in the kernel or in a file where a program is run. */
  public sealed interface AttachPoint {
    /** A switch over it that has no default does not compile until it serves all of them. */
    enum Kind {
      UPROBE,
      KPROBE,
      TRAMPOLINE,
      TRACEPOINT,
      RAW_TRACEPOINT
    }

    Kind kind();

    /** Whether it is where a function returns. */
    boolean atReturn();

    /** For people: {@code "uretprobe /usr/lib/libc.so.6:read"}. */
    String display();
  }

  /**
   * @param semaphoreOffset see {@link ResolvedProbe.UsdtSite}
   */
  public record UprobePoint(CodeLocation location, boolean atReturn, @Nullable Long semaphoreOffset)
      implements AttachPoint {
    @Override
    public Kind kind() {
      return Kind.UPROBE;
    }

    @Override
    public String display() {
      return (atReturn ? "uretprobe " : "uprobe ") + location.display();
    }
  }

  /**
   * @param symbol of a kernel function
   * @param why why not by fentry or fexit; empty if there is nothing to say
   */
  public record KprobePoint(String symbol, boolean atReturn, String why) implements AttachPoint {
    @Override
    public Kind kind() {
      return Kind.KPROBE;
    }

    @Override
    public String display() {
      String note = why.isEmpty() ? "" : " (" + why + ")";
      return (atReturn ? "kretprobe " : "kprobe ") + symbol + note;
    }
  }

  /**
   * A kernel function's entry or return by the trampoline that BPF puts there: fentry, fexit. The
   * latter has the parameters, too, as they were at the entry.
   *
   * @param symbol of a kernel function
   * @param btfId its number in the kernel's BTF
   */
  public record TrampolinePoint(String symbol, int btfId, boolean atReturn) implements AttachPoint {
    @Override
    public Kind kind() {
      return Kind.TRAMPOLINE;
    }

    @Override
    public String display() {
      return (atReturn ? "fexit " : "fentry ") + symbol;
    }
  }

  /**
   * @param id the tracepoint's number
   */
  public record TracepointPoint(String category, String event, int id) implements AttachPoint {
    @Override
    public Kind kind() {
      return Kind.TRACEPOINT;
    }

    @Override
    public boolean atReturn() {
      return false;
    }

    @Override
    public String display() {
      return "tracepoint " + category + ":" + event;
    }
  }

  /**
   * A tracepoint by its name alone, whose record is not looked at: it needs no tracefs.
   *
   * @param name without the category
   */
  public record RawTracepointPoint(String name) implements AttachPoint {
    @Override
    public Kind kind() {
      return Kind.RAW_TRACEPOINT;
    }

    @Override
    public boolean atReturn() {
      return false;
    }

    @Override
    public String display() {
      return "raw tracepoint " + name;
    }
  }

  /**
   * A column in the bytes of a key.
   *
   * @param type null for text
   * @param offset in the key, in bytes
   * @param size in bytes
   * @param most how many bytes are kept of a text, which ends at NUL or with them; the byte behind
   *     them is not 0 if the text goes on. 0 for a number.
   */
  public record KeyField(
      KeyColumn column, CType.@Nullable Int type, int offset, int size, int most) {}
}
