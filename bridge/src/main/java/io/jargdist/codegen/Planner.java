/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.ctext.CallStackText;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.ctext.ProgramContext;
import io.jargdist.ctext.ProgramText;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.TypedFunction;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.typing.CollectedValues;
import io.jargdist.typing.KernelSignature;
import io.jargdist.typing.SpecifierTyper;
import io.jargdist.typing.TypedProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a plan from a specifier and the facts about its probe. {@code typing} types the specifier,
 * and {@code ctext} writes the typed programs. The planner is pure: the same input gives the same
 * plan on any machine.
 */
public final class Planner {
  private static final String PROGRAM = "probe";
  private static final ProgramText.Names NAMES =
      new ProgramText.Names("entry", PROGRAM, "thread_exit");

  private final Specifier specifier;
  private final PlanOptions options;
  private final Architecture architecture;
  private final SpecifierTyper typer;
  private final CollectedValues collected;
  private final ProgramText text;
  private boolean usesLatency;

  private Planner(
      Specifier specifier, PlanOptions options, TypeSource source, Architecture architecture)
      throws SpecifierException {
    this.specifier = specifier;
    this.options = options;
    this.architecture = architecture;
    this.typer =
        new SpecifierTyper(
            specifier, source, architecture, options.stringSize(), options.buckets());
    this.collected = typer.collected();
    this.text = new ProgramText(options, architecture);
  }

  /**
   * @throws SpecifierException if the specifier's expressions do not fit the probe, or its tables
   *     would take too much memory
   */
  public static ProbePlan plan(
      Specifier specifier,
      ResolvedProbe probe,
      PlanOptions options,
      TypeSource types,
      Architecture architecture)
      throws SpecifierException {
    return new Planner(specifier, options, types, architecture).plan(probe);
  }

  private ProbePlan plan(ResolvedProbe probe) throws SpecifierException {
    text.prologue();
    BucketScheme buckets = collected.buckets();
    if (buckets != null) {
      text.histogramTable(buckets);
    } else if (!collected.key().isEmpty()) {
      TableMemory.checkFrequencies(specifier, options, collected.key());
      text.frequencyTable(collected.key());
    }
    List<ProgramPlan> programs =
        switch (probe.kind()) {
          case USER_FUNCTION -> function((ResolvedProbe.UserFunction) probe);
          case KERNEL_FUNCTION -> function((ResolvedProbe.KernelFunction) probe);
          case TRACEPOINT -> tracepoint((ResolvedProbe.Tracepoint) probe);
          case USDT -> usdt((ResolvedProbe.Usdt) probe);
        };
    return new ProbePlan(
        specifier.form(),
        collected.label(),
        collected.unit(),
        text.toString(),
        text.numbers(),
        programs,
        buckets,
        usesLatency,
        typer.kernelStructs(),
        collected.key());
  }

  private List<ProgramPlan> function(ResolvedProbe.UserFunction function)
      throws SpecifierException {
    TypedProgram program = typer.program(function);
    ProgramContext context = ProgramContext.registers(architecture);
    List<AttachPoint> points = points(function, function.atReturn());
    return function.atReturn()
        ? atReturn(program, context, points(function, false), points, false)
        : List.of(single(PROGRAM, program, context, points));
  }

  private static List<AttachPoint> points(ResolvedProbe.UserFunction function, boolean atReturn) {
    return function.locations().stream()
        .<AttachPoint>map(location -> new UprobePoint(location, atReturn, null))
        .toList();
  }

  private List<ProgramPlan> function(ResolvedProbe.KernelFunction function)
      throws SpecifierException {
    KernelSignature signature = typer.signature(function);
    TypedProgram program = typer.program(function, signature);
    TypedFunction typed = function.typed();
    ProgramContext context =
        typed == null ? ProgramContext.registers(architecture) : ProgramContext.trampoline(typed);
    if (signature.isSystemCall()) {
      context = context.ofSystemCall(architecture);
    }
    text.declarations(context);
    List<AttachPoint> points = List.of(point(function, function.atReturn()));
    return function.atReturn() && (program.needsEntry() || !context.wholeCalls())
        ? atReturn(program, context, List.of(point(function, false)), points, true)
        : List.of(single(PROGRAM, program, context, points));
  }

  private static AttachPoint point(ResolvedProbe.KernelFunction function, boolean atReturn) {
    TypedFunction typed = function.typed();
    return typed == null
        ? new KprobePoint(
            function.symbol(), atReturn, atReturn == function.atReturn() ? function.why() : "")
        : new TrampolinePoint(function.symbol(), typed.btfId(), atReturn);
  }

  /**
   * Plans a return probe that records its calls, even if it needs nothing from the entry. Without
   * the record, returns that the kernel does not trap would go unnoticed. A probe whose returns are
   * all trapped needs the record only for values of the entry.
   *
   * <p>The programs that record are attached before the return program, and the kernel traps only
   * the returns of calls that were entered after the return program was attached. So every return
   * finds its entry. If the kernel traps all returns, a return misses its entry only if the kernel
   * skipped that run of the entry program.
   */
  private List<ProgramPlan> atReturn(
      TypedProgram program,
      ProgramContext context,
      List<AttachPoint> entryPoints,
      List<AttachPoint> points,
      boolean inKernel)
      throws SpecifierException {
    TableMemory.checkCalls(
        specifier, options, CallStackText.blockSize(program.entryValues().size()));
    usesLatency = program.usesLatency();
    text.pairedPrograms(NAMES, context, program, inKernel);
    return List.of(
        new ProgramPlan(NAMES.atEntry(), entryPoints, context.wholeCalls()),
        new ProgramPlan(
            NAMES.atExit(), List.of(new RawTracepointPoint("sched_process_exit")), false),
        new ProgramPlan(NAMES.atReturn(), points));
  }

  private ProgramPlan single(
      String name, TypedProgram program, ProgramContext context, List<AttachPoint> points) {
    text.program(name, context, program);
    return new ProgramPlan(name, points);
  }

  /** Plans one program for all places that have the arguments in the same registers and memory. */
  private List<ProgramPlan> usdt(ResolvedProbe.Usdt usdt) throws SpecifierException {
    Map<List<UsdtOperand>, List<AttachPoint>> places = new LinkedHashMap<>();
    for (ResolvedProbe.UsdtSite site : usdt.sites()) {
      places
          .computeIfAbsent(site.arguments(), arguments -> new ArrayList<>())
          .add(new UprobePoint(site.location(), false, site.semaphoreOffset()));
    }
    ProgramContext context = ProgramContext.registers(architecture);
    List<ProgramPlan> programs = new ArrayList<>();
    for (Map.Entry<List<UsdtOperand>, List<AttachPoint>> place : places.entrySet()) {
      String name = PROGRAM + (programs.isEmpty() ? "" : "_" + programs.size());
      programs.add(single(name, typer.program(usdt, place.getKey()), context, place.getValue()));
    }
    return programs;
  }

  private List<ProgramPlan> tracepoint(ResolvedProbe.Tracepoint tracepoint)
      throws SpecifierException {
    ProgramContext context = ProgramContext.record(tracepoint.fields());
    text.declarations(context);
    return List.of(
        single(
            PROGRAM,
            typer.program(tracepoint),
            context,
            List.of(
                new TracepointPoint(tracepoint.category(), tracepoint.event(), tracepoint.id()))));
  }
}
