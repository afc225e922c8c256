/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.Moment;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.ctext.CallStackText;
import io.jargdist.ctext.PairText;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.ctext.ProgramContext;
import io.jargdist.ctext.ProgramText;
import io.jargdist.ctext.TableSizes;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.KernelVariable;
import io.jargdist.facts.PidNumbers;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.Returns;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.TypeSources;
import io.jargdist.facts.TypedFunction;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.Expression.Explanation;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.typing.CollectedValues;
import io.jargdist.typing.EventValues;
import io.jargdist.typing.KernelSignature;
import io.jargdist.typing.KeyField;
import io.jargdist.typing.PairEnd;
import io.jargdist.typing.PairEnd.Whose;
import io.jargdist.typing.SpecifierTyper;
import io.jargdist.typing.TypedBeginning;
import io.jargdist.typing.TypedColumn;
import io.jargdist.typing.TypedProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a plan from a specifier and the facts about its probe. {@code typing} types the specifier,
 * and {@code ctext} writes the typed programs. The planner is pure: the same input gives the same
 * plan on any machine.
 */
public final class Planner {
  private static final String PROGRAM = "probe";
  private static final ProgramText.Names NAMES =
      new ProgramText.Names("entry", PROGRAM, "thread_exit");

  /** Begins the names of what belongs to the first event of a pair. */
  private static final String FIRST = "first_";

  private static final ProgramText.Names FIRST_NAMES =
      new ProgramText.Names(FIRST + "entry", FIRST + PROGRAM, FIRST + "thread_exit");

  private static final String THREAD_BEGINS = "thread_begins";
  private static final String THREAD_ENDS = "thread_ends";

  /** The raw tracepoint of a thread's end. */
  private static final String THREAD_EXIT = "sched_process_exit";

  private final Specifier specifier;
  private final PlanOptions options;
  private final TypeSource kernel;
  private final Architecture architecture;
  private final SpecifierTyper typer;
  private final CollectedValues collected;
  private final ProgramText text;
  private boolean usesLatency;
  private ProbePlan.@Nullable PairPlan pairPlan;

  private Planner(
      Specifier specifier, PlanOptions options, TypeSources sources, Architecture architecture)
      throws SpecifierException {
    this.specifier = specifier;
    this.options = options;
    this.kernel = sources.kernel();
    this.architecture = architecture;
    this.typer =
        new SpecifierTyper(
            specifier,
            sources,
            architecture,
            options.stringSize(),
            options.buckets(),
            options.systemWide());
    this.collected = typer.collected();
    this.text = new ProgramText(options, specifier.form(), architecture);
  }

  /**
   * @param probes what was found for each of the specifier's events, in their order
   * @throws SpecifierException if the specifier's expressions do not fit the probes, or its tables
   *     would take too much memory
   */
  public static ProbePlan plan(
      Specifier specifier,
      List<ResolvedProbe> probes,
      PlanOptions options,
      TypeSources sources,
      Architecture architecture)
      throws SpecifierException {
    return new Planner(specifier, options, sources, architecture).plan(probes);
  }

  /**
   * What is known of the places of an event that see the same.
   *
   * @param values what a program sees there
   * @param context in which it sees that
   * @param entries the same function's entries, if the places are returns
   * @param inKernel whether it is a function of the kernel
   */
  private record Site(
      EventValues values,
      ProgramContext context,
      List<AttachPoint> points,
      List<AttachPoint> entries,
      boolean inKernel) {
    boolean atReturn() {
      return points.get(0).atReturn();
    }
  }

  private ProbePlan plan(List<ResolvedProbe> probes) throws SpecifierException {
    text.prologue();
    BucketScheme buckets = collected.buckets();
    tables();
    Event first = specifier.from();
    List<ProgramPlan> programs =
        first == null
            ? alone(sites(specifier.event(), probes.get(0), ""))
            : pair(sites(first, probes.get(0), FIRST), sites(specifier.event(), probes.get(1), ""));
    return new ProbePlan(
        specifier.form(),
        collected.label(),
        collected.unit(),
        text.toString(),
        text.numbers(),
        new TableSizes(
            options.possibleCpus(),
            options.tableEntries(),
            options.tableSlots(),
            options.callEntries()),
        programs,
        buckets,
        usesLatency,
        typer.kernelStructs(),
        collected.key(),
        pairPlan);
  }

  /** Appends the tables in which events are counted. */
  private void tables() throws SpecifierException {
    List<KeyField> key = collected.key();
    TableMemory.checkKeys(specifier, options, key);
    if (collected.explanations().contains(Explanation.FILE)) {
      TableMemory.checkFiles(specifier, options);
    }
    text.explainedKeys(collected.explanations(), kernel);
    text.countingTables(collected.buckets(), key);
  }

  private List<ProgramPlan> alone(List<Site> sites) throws SpecifierException {
    List<ProgramPlan> programs = new ArrayList<>();
    for (Site site : sites) {
      TypedProgram program = typer.program(site.values(), null);
      boolean paired =
          site.atReturn()
              && (program.needsEntry() || !site.inKernel() || !site.context().wholeCalls());
      if (paired) {
        programs.addAll(atReturn(program, site));
      } else {
        String name = name(PROGRAM, programs.size());
        text.program(name, site.context(), program);
        programs.add(new ProgramPlan(name, site.points()));
      }
    }
    return programs;
  }

  private static String name(String name, int number) {
    return number == 0 ? name : name + "_" + number;
  }

  /**
   * Plans a pair. The programs of the second event are attached before those of the first one, so
   * no beginning waits for an end that was not seen.
   */
  private List<ProgramPlan> pair(List<Site> firstSites, List<Site> secondSites)
      throws SpecifierException {
    List<TypedProgram> ends = new ArrayList<>();
    for (Site site : secondSites) {
      ends.add(typer.program(site.values(), firstSites.get(0).values()));
    }
    List<TypedBeginning> beginnings = new ArrayList<>();
    for (Site site : firstSites) {
      beginnings.add(typer.beginning(site.values()));
    }
    PairEnd first = beginnings.get(0).end();
    PairEnd second = Objects.requireNonNull(ends.get(0).pair());
    boolean usesTasks = first.whose() == Whose.TASK || second.whose() == Whose.TASK;
    boolean usesInterrupts =
        first.whose() == Whose.THREAD_OUTSIDE_INTERRUPTS
            || second.whose() == Whose.THREAD_OUTSIDE_INTERRUPTS;
    KernelVariable interrupts = usesInterrupts ? KernelVariable.preemptCount(kernel) : null;
    pairPlan =
        new ProbePlan.PairPlan(
            interrupts == null ? null : interrupts.id(),
            usesInterrupts && interrupts == null,
            usesTasks,
            keptKey(first, ends.get(0).key()));
    TableMemory.checkPairs(specifier, options, PairText.size(first));
    text.pairTable(first, interrupts == null ? null : interrupts.offset());
    List<ProgramPlan> programs = new ArrayList<>(threads(first, usesTasks));
    for (int i = 0; i < secondSites.size(); i++) {
      Site site = secondSites.get(i);
      String name = name(PROGRAM, i);
      text.end(name, site.context(), ends.get(i), first);
      programs.add(new ProgramPlan(name, site.points()));
    }
    for (int i = 0; i < firstSites.size(); i++) {
      programs.addAll(beginning(firstSites.get(i), beginnings.get(i), i));
    }
    return programs;
  }

  private static List<Integer> keptKey(PairEnd first, List<TypedColumn> key) {
    List<Integer> offsets = new ArrayList<>();
    for (TypedColumn column : key) {
      Integer index = column.keptIndex();
      if (index == null) {
        return List.of();
      }
      offsets.add(PairText.offset(first, index));
    }
    return offsets;
  }

  /** Plans the programs that see threads begin and end. */
  private List<ProgramPlan> threads(PairEnd first, boolean usesTasks) throws SpecifierException {
    List<ProgramPlan> programs = new ArrayList<>();
    if (usesTasks) {
      text.targetThreads(THREAD_BEGINS, taskNumberOffset());
      programs.add(threadProgram(THREAD_BEGINS, "task_newtask"));
    }
    boolean endsPairs = first.byThread() || (usesTasks && first.on().size() == 1);
    if (usesTasks || endsPairs) {
      text.threadEnds(THREAD_ENDS, first, usesTasks, endsPairs);
      programs.add(threadProgram(THREAD_ENDS, THREAD_EXIT));
    }
    return programs;
  }

  private static ProgramPlan threadProgram(String name, String tracepoint) {
    return new ProgramPlan(name, List.of(new RawTracepointPoint(tracepoint)), false);
  }

  private int taskNumberOffset() throws SpecifierException {
    TypeSource.Member number =
        kernel.named("struct task_struct") instanceof CType.Struct task
            ? kernel.member(task, "pid")
            : null;
    if (number == null) {
      throw unknownThreads(
          "this kernel does not tell which threads are the target's: it has no BTF",
          "use --scope system");
    } else if (options.numbers() == PidNumbers.OWN) {
      throw unknownThreads(
          "the numbers that the target's threads have in tracepoints are not known in this pid"
              + " namespace",
          "count from outside the container, or with --scope system");
    }
    return number.offset();
  }

  private SpecifierException unknownThreads(String reason, String hint) {
    return new SpecifierException(
        specifier.text(),
        new Diagnostic("on", new Span(0, specifier.text().length()), reason, hint));
  }

  private List<ProgramPlan> beginning(Site site, TypedBeginning beginning, int number)
      throws SpecifierException {
    if (beginning.entryValues().isEmpty()) {
      String name = name(FIRST + PROGRAM, number);
      text.beginning(name, site.context(), beginning);
      return List.of(new ProgramPlan(name, site.points(), false));
    }
    TableMemory.checkCalls(
        specifier, options, CallStackText.blockSize(beginning.entryValues().size()));
    text.beginningAtReturn(FIRST_NAMES, site.context(), beginning, site.inKernel());
    return List.of(
        new ProgramPlan(FIRST_NAMES.atEntry(), site.entries(), false),
        threadProgram(FIRST_NAMES.atExit(), THREAD_EXIT),
        new ProgramPlan(FIRST_NAMES.atReturn(), site.points(), false));
  }

  /**
   * @param prefix of the names that its context declares
   */
  private List<Site> sites(Event event, ResolvedProbe probe, String prefix) {
    return switch (probe.kind()) {
      case USER_FUNCTION -> function(event, (ResolvedProbe.UserFunction) probe);
      case KERNEL_FUNCTION -> function(event, (ResolvedProbe.KernelFunction) probe, prefix);
      case TRACEPOINT -> tracepoint(event, (ResolvedProbe.Tracepoint) probe, prefix);
      case USDT -> usdt(event, (ResolvedProbe.Usdt) probe);
    };
  }

  private List<Site> function(Event event, ResolvedProbe.UserFunction function) {
    List<AttachPoint> entries = points(function.locations(), Moment.REACHED);
    Returns returns = function.returns();
    List<AttachPoint> points = entries;
    ProgramContext context = ProgramContext.registers(architecture);
    if (returns != null) {
      points =
          switch (returns.kind()) {
            case REPLACED -> points(function.locations(), Moment.RETURNED);
            case INSTRUCTIONS -> {
              context = context.ofReturnInstructions();
              yield points(((Returns.Instructions) returns).places(), Moment.RETURNS);
            }
          };
    }
    return List.of(new Site(typer.values(event, function), context, points, entries, false));
  }

  private static List<AttachPoint> points(List<CodeLocation> locations, Moment moment) {
    return locations.stream()
        .<AttachPoint>map(location -> new UprobePoint(location, moment, null))
        .toList();
  }

  private List<Site> function(Event event, ResolvedProbe.KernelFunction function, String prefix) {
    KernelSignature signature = typer.signature(event, function);
    TypedFunction typed = function.typed();
    ProgramContext context =
        typed == null
            ? ProgramContext.registers(architecture)
            : ProgramContext.trampoline(typed, prefix);
    if (signature.isSystemCall()) {
      context = context.ofSystemCall(architecture, prefix);
    }
    text.declarations(context);
    return List.of(
        new Site(
            typer.values(event, function, signature),
            context,
            List.of(point(function, function.atReturn())),
            List.of(point(function, false)),
            true));
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
   * <p>At return instructions, a return without its entry is no event: the call began before the
   * probe, or it is one of another function that shares the instruction. So the skipped runs of the
   * entry program are counted there.
   *
   * <p>The programs that record are attached before the return program, and the kernel traps only
   * the returns of calls that were entered after the return program was attached. So every return
   * finds its entry. If the kernel traps all returns, a return misses its entry only if the kernel
   * skipped that run of the entry program.
   */
  private List<ProgramPlan> atReturn(TypedProgram program, Site site) throws SpecifierException {
    TableMemory.checkCalls(
        specifier, options, CallStackText.blockSize(program.entryValues().size()));
    usesLatency = program.usesLatency();
    text.pairedPrograms(NAMES, site.context(), program, site.inKernel());
    return List.of(
        new ProgramPlan(NAMES.atEntry(), site.entries(), site.context().knowsMissedEntries()),
        threadProgram(NAMES.atExit(), THREAD_EXIT),
        new ProgramPlan(NAMES.atReturn(), site.points()));
  }

  /** Plans one program for all places that have the arguments in the same registers and memory. */
  private List<Site> usdt(Event event, ResolvedProbe.Usdt usdt) {
    Map<List<UsdtOperand>, List<AttachPoint>> places = new LinkedHashMap<>();
    for (ResolvedProbe.UsdtSite site : usdt.sites()) {
      places
          .computeIfAbsent(site.arguments(), arguments -> new ArrayList<>())
          .add(new UprobePoint(site.location(), Moment.REACHED, site.semaphoreOffset()));
    }
    ProgramContext context = ProgramContext.registers(architecture);
    List<Site> sites = new ArrayList<>();
    places.forEach(
        (arguments, points) ->
            sites.add(
                new Site(typer.values(event, usdt, arguments), context, points, List.of(), false)));
    return sites;
  }

  private List<Site> tracepoint(Event event, ResolvedProbe.Tracepoint tracepoint, String prefix) {
    ProgramContext context = ProgramContext.record(tracepoint.fields(), prefix);
    text.declarations(context);
    return List.of(
        new Site(
            typer.values(event, tracepoint),
            context,
            List.of(
                new TracepointPoint(tracepoint.category(), tracepoint.event(), tracepoint.id())),
            List.of(),
            true));
  }
}
