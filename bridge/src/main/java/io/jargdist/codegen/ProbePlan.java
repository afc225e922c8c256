/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.ctext.FilledNumbers;
import io.jargdist.ctext.TableSizes;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Form;
import io.jargdist.typing.KeyField;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is needed to run a specifier on this machine: what to compile, what to attach
 * where, and how to read the tables. It is only a description and holds no resources.
 *
 * @param label the heading of the rows: the specifier's label, or else what argdist shows
 * @param unit of the values of a histogram or a sum: {@code "ns"} if the value is just {@code
 *     $latency}, else empty
 * @param text the C text to compile; it depends on nothing but the specifier, without its numbers,
 *     and the machine's facts, not on the target process
 * @param numbers that replace the placeholders of {@link FilledNumbers} in the programs
 * @param sizes of the tables
 * @param programs in the order in which they have to be attached
 * @param buckets how a histogram divides its values; null for other forms
 * @param usesLatency whether it needs {@code $latency}
 * @param kernelStructs structs of user space for which the kernel's layout is used because no other
 *     is known
 * @param key how to read the keys; empty without keys
 * @param pair what pairs of events need besides; null if it is not of pairs
 */
public record ProbePlan(
    Form form,
    String label,
    String unit,
    String text,
    List<Long> numbers,
    TableSizes sizes,
    List<ProgramPlan> programs,
    @Nullable BucketScheme buckets,
    boolean usesLatency,
    Set<String> kernelStructs,
    List<KeyField> key,
    @Nullable PairPlan pair) {
  public ProbePlan {
    numbers = List.copyOf(numbers);
    programs = List.copyOf(programs);
    kernelStructs = new TreeSet<>(kernelStructs);
    key = List.copyOf(key);
  }

  /**
   * What pairs of events need besides.
   *
   * @param interruptVariable the number of the kernel's variable that tells interrupts from what
   *     they interrupt, in the kernel's BTF; null if it is not needed, or not known
   * @param seesInterrupts whether events in interrupts are taken for those of the threads that they
   *     interrupt, since that variable is not known
   * @param followsThreads whether the table of the target's threads must be filled
   * @param keptKey where an element of the table of pairs has each field of the key, in bytes;
   *     empty if the first event does not keep all of them
   */
  public record PairPlan(
      @Nullable Integer interruptVariable,
      boolean seesInterrupts,
      boolean followsThreads,
      List<Integer> keptKey) {
    public PairPlan {
      keptKey = List.copyOf(keptKey);
    }
  }

  /** Returns the C text for people, with the numbers in their places. */
  public String filledText() {
    return FilledNumbers.filled(text, numbers);
  }

  /** Returns whether the programs of another plan can be attached at the places of this one. */
  public boolean isSameProgram(ProbePlan other) {
    return text.equals(other.text) && numbers.equals(other.numbers);
  }

  public boolean usesTrampolines() {
    return programs.stream()
        .flatMap(program -> program.attachPoints().stream())
        .anyMatch(TrampolinePoint.class::isInstance);
  }

  /**
   * Returns whether the probe sees a part of the events without a bias if it is attached a part of
   * the time: each hit is an event by itself, and needs no other that came before.
   */
  public boolean canBePaced() {
    return programs.stream()
        .allMatch(
            program ->
                program.counts()
                    && program.attachPoints().stream()
                        .noneMatch(
                            point -> point.atReturn() || point instanceof RawTracepointPoint));
  }

  /**
   * A BPF program and the places that run it.
   *
   * @param name of its function in the C text
   * @param counts whether each of its runs is an event; else it only helps the program that counts
   */
  public record ProgramPlan(String name, List<AttachPoint> attachPoints, boolean counts) {
    public ProgramPlan {
      attachPoints = List.copyOf(attachPoints);
    }

    public ProgramPlan(String name, List<AttachPoint> attachPoints) {
      this(name, attachPoints, true);
    }

    /** Returns the places that are there now. */
    public List<AttachPoint> present() {
      return attachPoints.stream().filter(point -> !point.isAwaited()).toList();
    }
  }

  /** A place in the kernel or in a file where a program is run. */
  public sealed interface AttachPoint {
    /**
     * The kind of a place. A switch over it without a default compiles only if it handles every
     * kind.
     */
    enum Kind {
      UPROBE,
      KPROBE,
      TRAMPOLINE,
      TRACEPOINT,
      RAW_TRACEPOINT
    }

    Kind kind();

    /** Returns whether the place is a function's return. */
    boolean atReturn();

    /** Returns whether it is in a file that is not there yet. */
    default boolean isAwaited() {
      return false;
    }

    /** Returns the place for people: {@code "uretprobe /usr/lib/libc.so.6:read"}. */
    String display();
  }

  /** When the program of an instruction's probe runs. */
  public enum Moment {
    /** When the instruction is reached. */
    REACHED("uprobe"),
    /** When the function whose entry the instruction is returns, by a replaced address. */
    RETURNED("uretprobe"),
    /** When the instruction is reached, which is one by which the function returns. */
    RETURNS("uprobe at return");

    private final String text;

    Moment(String text) {
      this.text = text;
    }
  }

  /**
   * @param semaphoreOffset see {@link ResolvedProbe.UsdtSite}
   */
  public record UprobePoint(CodeLocation location, Moment moment, @Nullable Long semaphoreOffset)
      implements AttachPoint {
    @Override
    public boolean atReturn() {
      return moment != Moment.REACHED;
    }

    /** Returns whether the kernel is to replace return addresses. */
    public boolean replacesReturns() {
      return moment == Moment.RETURNED;
    }

    @Override
    public Kind kind() {
      return Kind.UPROBE;
    }

    @Override
    public boolean isAwaited() {
      return location.isAwaited();
    }

    @Override
    public String display() {
      return moment.text + " " + location.display();
    }
  }

  /**
   * @param symbol of a kernel function
   * @param why the reason not to use fentry or fexit; empty if there is none
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
   * A kernel function's entry or return, probed by BPF's trampoline: fentry or fexit. fexit sees
   * the parameters as they were at the entry.
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
   * A tracepoint that is known only by its name. Its program does not look at the record, so no
   * tracefs is needed.
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
}
