/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.specifier.ProbePoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the machine knows of a {@link ProbePoint}: plain facts, nothing alive. */
public sealed interface ResolvedProbe {
  /** That of its {@link ProbePoint}. */
  ProbePoint.Kind kind();

  /**
   * A function of mapped files.
   *
   * @param locations all places that the process may call by its name: in every mapped copy of a
   *     library, of every version; at least one
   */
  record UserFunction(List<CodeLocation> locations, boolean atReturn) implements ResolvedProbe {
    public UserFunction {
      locations = List.copyOf(locations);
    }

    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.USER_FUNCTION;
    }
  }

  /**
   * A function of the kernel.
   *
   * @param symbol its name in the kernel's symbol table
   * @param prototype null if nothing is known of its parameters
   * @param syscall whether its only parameter points to the registers that hold the real ones,
   *     which are those of the prototype
   * @param typed what fentry or fexit is to be attached by; null to attach by kprobes
   * @param why why not by fentry or fexit, for people; empty if by them
   */
  record KernelFunction(
      String symbol,
      @Nullable Prototype prototype,
      boolean syscall,
      boolean atReturn,
      @Nullable TypedFunction typed,
      String why)
      implements ResolvedProbe {
    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.KERNEL_FUNCTION;
    }

    /** The same, by kprobes. */
    public KernelFunction byKprobes(String why) {
      return new KernelFunction(symbol, prototype, syscall, atReturn, null, why);
    }

    /** As a register holds it. */
    CType returnType() {
      return Types.inRegister(prototype == null ? null : prototype.returnType());
    }
  }

  /** A USDT probe with all places where it was compiled in. */
  record Usdt(String provider, String probe, List<UsdtSite> sites) implements ResolvedProbe {
    public Usdt {
      sites = List.copyOf(sites);
    }

    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.USDT;
    }
  }

  /**
   * One place of a USDT probe.
   *
   * @param semaphoreOffset file offset of the counter that the kernel must raise while the probe is
   *     attached; null without one
   */
  record UsdtSite(
      CodeLocation location, List<UsdtOperand> arguments, @Nullable Long semaphoreOffset) {
    public UsdtSite {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * A kernel tracepoint.
   *
   * @param id its number, as perf_event_open takes it
   * @param fields in the order of its format, {@code common_} fields left out
   */
  record Tracepoint(String category, String event, int id, List<TracepointField> fields)
      implements ResolvedProbe {
    public Tracepoint {
      fields = List.copyOf(fields);
    }

    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.TRACEPOINT;
    }
  }

  /**
   * A field of a tracepoint's record.
   *
   * @param declaredType as the format says: {@code "pid_t"}, {@code "char"}, {@code "const char *"}
   * @param offset in the record, in bytes
   * @param size in bytes, of the whole array if it is one
   * @param arrayLength null for a scalar
   * @param dynamic whether the record holds a {@code __data_loc} word (length in the upper 16 bits,
   *     offset in the lower) in its place
   */
  record TracepointField(
      String name,
      String declaredType,
      int offset,
      int size,
      boolean signed,
      @Nullable Integer arrayLength,
      boolean dynamic) {
    /**
     * Whether the verifier allows to load the field from the record: aligned, of a register's size.
     */
    public boolean isDirect() {
      boolean loadable = size == 1 || size == 2 || size == 4 || size == 8;
      return (dynamic || arrayLength == null) && loadable && offset % size == 0;
    }

    /** The type of what the record holds in its place. */
    public CType.Int storage() {
      return new CType.Int(size, signed && !dynamic);
    }
  }
}
