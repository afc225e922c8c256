/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import io.jargdist.specifier.ProbePoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The facts that this machine knows about a {@link ProbePoint}. They are plain data and hold no
 * resources.
 */
public sealed interface ResolvedProbe {
  /** Returns the kind of its {@link ProbePoint}. */
  ProbePoint.Kind kind();

  /**
   * A function in mapped files.
   *
   * @param locations all places that the process may call by this name, in every mapped copy and
   *     version of a library; at least one
   * @param returns how its returns are seen; null if its entry is probed
   */
  record UserFunction(List<CodeLocation> locations, @Nullable Returns returns)
      implements ResolvedProbe {
    public UserFunction {
      locations = List.copyOf(locations);
    }

    public boolean atReturn() {
      return returns != null;
    }

    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.USER_FUNCTION;
    }

    /** Returns the same function, with its places awaited, and further ones. */
    public UserFunction with(UserFunction further) {
      List<CodeLocation> all = new ArrayList<>();
      all.add(CodeLocation.awaited(locations.get(0).display()));
      all.addAll(further.locations);
      return new UserFunction(all, further.returns);
    }
  }

  /**
   * A function of the kernel.
   *
   * @param symbol its name in the kernel's symbol table
   * @param prototype null if nothing is known of its parameters
   * @param syscall whether its only parameter points to the registers that hold the real ones,
   *     which are those of the prototype
   * @param typed what fentry or fexit needs for attaching; null for a kprobe
   * @param why the reason not to attach by fentry or fexit, for people; empty if they are used
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

    /** Returns the same function, to be attached by kprobes. */
    public KernelFunction byKprobes(String why) {
      return new KernelFunction(symbol, prototype, syscall, atReturn, null, why);
    }

    /** Returns the type of the returned value as a register holds it. */
    public CType returnType() {
      return CType.inRegister(prototype == null ? null : prototype.returnType());
    }
  }

  /** A USDT probe with all its places in the compiled code. */
  record Usdt(String provider, String probe, List<UsdtSite> sites) implements ResolvedProbe {
    public Usdt {
      sites = List.copyOf(sites);
    }

    @Override
    public ProbePoint.Kind kind() {
      return ProbePoint.Kind.USDT;
    }

    /** Returns the same probe, with its places awaited, and further ones. */
    public Usdt with(List<UsdtSite> further) {
      List<UsdtSite> all = new ArrayList<>();
      for (UsdtSite site : sites) {
        CodeLocation awaited = CodeLocation.awaited(site.location().display());
        all.add(new UsdtSite(awaited, site.arguments(), site.semaphoreOffset()));
      }
      all.addAll(further);
      return new Usdt(provider, probe, all);
    }
  }

  /**
   * One place of a USDT probe.
   *
   * @param semaphoreOffset file offset of the counter that the kernel must raise while the probe is
   *     attached; null if there is none
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
   * @param fields in the order of its format, without the {@code common_} fields
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
   * @param size in bytes; of an array, the whole size
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
     * Returns whether the verifier lets a program load the field from the record: it must be
     * aligned and have a register's size.
     */
    public boolean isDirect() {
      boolean loadable = size == 1 || size == 2 || size == 4 || size == 8;
      return (dynamic || arrayLength == null) && loadable && offset % size == 0;
    }

    /** Returns the type of the number that the record holds for this field. */
    public CType.Int storage() {
      return new CType.Int(size, signed && !dynamic);
    }
  }
}
