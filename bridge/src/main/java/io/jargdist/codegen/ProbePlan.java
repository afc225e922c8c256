/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Form;
import io.jargdist.typing.CodeLocation;
import io.jargdist.typing.KeyField;
import io.jargdist.typing.ResolvedProbe;
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
}
