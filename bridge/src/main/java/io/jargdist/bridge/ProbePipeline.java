/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.codegen.Planner;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.compile.CompileException;
import io.jargdist.compile.Compiler;
import io.jargdist.compile.ProgramImage;
import io.jargdist.cost.MachineCosts;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.Returns;
import io.jargdist.facts.TypeSources;
import io.jargdist.facts.TypedFunction;
import io.jargdist.kernel.Gate;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.Machine;
import io.jargdist.kernel.OwnThreads;
import io.jargdist.kernel.ReturnTrampoline;
import io.jargdist.kernel.TrampolineSupport;
import io.jargdist.kernel.UnsafePlaces;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.ProcessThreads;
import io.jargdist.resolve.BlindSpots;
import io.jargdist.resolve.HotSpotTypes;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.LibraryCopies;
import io.jargdist.resolve.ProbePlacer;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.ReturnWay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes an attached probe from a specifier's text: parses, resolves, places, plans, compiles and
 * loads it. Attaching and checking both use it. Thread-safe.
 */
final class ProbePipeline {
  private final Compiler compiler;
  private final Disassembler disassembler;
  private final KernelTypes types;
  private final MachineCosts costs;
  private @Nullable ProbePlacer placer;
  private @Nullable ProbePlacer fastPlacer;

  /**
   * @param types the running kernel's types
   */
  ProbePipeline(
      Compiler compiler, Disassembler disassembler, KernelTypes types, MachineCosts costs) {
    this.compiler = compiler;
    this.disassembler = disassembler;
    this.types = types;
    this.costs = costs;
  }

  /**
   * A planned probe. Owns the files that the probe will be attached to. The rest of it stays valid
   * when they are closed.
   *
   * @param target as it was when the probe was resolved
   * @param thread the only thread whose events count, by the number that the target's filter uses
   * @param probes what was found for each of the specifier's events, with the places chosen
   * @param copies the files that the probe's libraries mean
   * @param warnings tell what the probe cannot see
   */
  record Planned(
      Specifier specifier,
      ProbeOptions options,
      TargetProcess target,
      TargetLibraries libraries,
      @Nullable Integer thread,
      List<ResolvedProbe> probes,
      LibraryCopies copies,
      ProbePlan plan,
      List<String> warnings)
      implements AutoCloseable {
    Planned {
      probes = List.copyOf(probes);
      warnings = List.copyOf(warnings);
    }

    /** Returns for people where the programs will be attached. */
    List<String> attachPoints() {
      return displays(point -> true);
    }

    /** Returns the same for those that are accepted. */
    List<String> displays(Predicate<ProbePlan.AttachPoint> accepted) {
      return plan.programs().stream()
          .flatMap(program -> program.attachPoints().stream())
          .filter(accepted)
          .map(ProbePlan.AttachPoint::display)
          .toList();
    }

    /** Returns the same for those in a file. */
    List<String> displaysIn(String path) {
      return displays(
          point ->
              point instanceof ProbePlan.UprobePoint uprobe
                  && uprobe.location().path().equals(path));
    }

    @Override
    public void close() {
      libraries.close();
    }
  }

  /** Plans a probe of this process, and uses nothing of the plan. */
  static void rehearse() throws SpecifierException, MachineException {
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    Specifier specifier = SpecifierParser.parse("p:c:read(int fd):int:fd:fd>2", Form.HISTOGRAM);
    KernelTypes types = new KernelTypes();
    try (TargetLibraries libraries = new TargetLibraries(self)) {
      List<ResolvedProbe> found = new Resolver(libraries, types, new Warnings()).resolve(specifier);
      PlanOptions options = planOptions(ProbeOptions.DEFAULT, self);
      Planner.plan(specifier, found, options, TypeSources.of(types), Architecture.current());
    }
  }

  /**
   * @param pid of the target
   * @param noTrampoline why kernel functions must not be probed by fentry or fexit; empty if they
   *     may be
   */
  Planned plan(long pid, Form form, String text, ProbeOptions options, String noTrampoline)
      throws SpecifierException, MachineException {
    Specifier specifier = SpecifierParser.parse(text, form);
    TargetProcess target = TargetProcess.of(pid);
    Integer thread = options.thread();
    if (thread != null) {
      thread = ProcessThreads.thread(pid, thread);
    }
    TargetLibraries libraries = new TargetLibraries(target);
    try {
      Warnings warnings = new Warnings();
      // With other processes in view, the files must be known to be nobody else's to write.
      LibraryCopies copies =
          options.systemWide() ? LibraryCopies.refusing() : LibraryCopies.of(specifier);
      List<ResolvedProbe> found =
          new Resolver(libraries, types, warnings, copies).resolve(specifier);
      if (options.systemWide()) {
        libraries.checkThatTargetCannotWrite();
      }
      List<ResolvedProbe> probes = new ArrayList<>();
      for (Event event : specifier.events()) {
        ResolvedProbe probe =
            returning(
                found.get(probes.size()), event, specifier, options.returns(), libraries, warnings);
        probes.add(placed(probe, event, options, libraries, noTrampoline, placer()));
      }
      ProbePlan plan = plan(specifier, probes, options, libraries);
      BlindSpots spots = new BlindSpots(libraries, options.systemWide(), warnings);
      for (int i = 0; i < probes.size(); i++) {
        spots.find(specifier, i, probes.get(i), plan.usesLatency());
      }
      if (plan.pair() != null && plan.pair().seesInterrupts()) {
        warnings.add(
            "this kernel does not tell interrupts from the threads that they interrupt: their events"
                + " are taken for those of the threads");
      }
      for (String struct : plan.kernelStructs()) {
        warnings.add(
            struct
                + " is read as this kernel has it: a library may mean another type of that name,"
                + " and then what is read of it is wrong");
      }
      return new Planned(
          specifier, options, target, libraries, thread, probes, copies, plan, warnings.all());
    } catch (SpecifierException | MachineException | RuntimeException e) {
      libraries.close();
      throw e;
    }
  }

  /**
   * Plans a probe of a function of this process that has no name.
   *
   * @param text the specifier, whose function is not looked up
   */
  Planned planOwn(String text, CodeLocation function) throws SpecifierException, MachineException {
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    ReturnTrampoline.check(self.pid(), "");
    Specifier specifier = SpecifierParser.parse(text, Form.FREQUENCY);
    ResolvedProbe probe =
        new ResolvedProbe.UserFunction(
            List.of(function), specifier.point().atReturn() ? new Returns.Replaced(null) : null);
    ProbeOptions options = ProbeOptions.DEFAULT;
    TargetLibraries libraries = new TargetLibraries(self);
    ProbePlan plan = plan(specifier, List.of(probe), options, libraries);
    return new Planned(
        specifier,
        options,
        self,
        libraries,
        null,
        List.of(probe),
        LibraryCopies.refusing(),
        plan,
        List.of());
  }

  /**
   * Plans the places of a probe in files that its libraries have come to mean since the last look.
   * Waits for no other process.
   *
   * @param first the probe as it was planned at first
   * @param target as it is now
   * @return null if there are none, but see {@link LibraryCopies#problems}
   */
  @Nullable Planned planFurther(Planned first, TargetProcess target)
      throws SpecifierException, MachineException {
    TargetLibraries libraries = new TargetLibraries(target);
    LibraryCopies copies = first.copies();
    Planned further = null;
    try {
      Warnings warnings = new Warnings();
      List<ResolvedProbe> found =
          new Resolver(libraries, types, warnings, copies)
              .resolveFurther(first.specifier(), first.probes());
      if (copies.found().isEmpty()) {
        return null;
      }
      List<ResolvedProbe> probes = new ArrayList<>();
      for (Event event : first.specifier().events()) {
        ResolvedProbe before = first.probes().get(probes.size());
        ResolvedProbe probe = found.get(probes.size());
        probe = returning(probe, event, first.specifier(), wayOf(before), libraries, warnings);
        probes.add(
            isInFiles(probe)
                ? placed(probe, event, first.options(), libraries, "", fastPlacer())
                : probe);
      }
      ProbePlan plan = plan(first.specifier(), probes, first.options(), libraries);
      further =
          new Planned(
              first.specifier(),
              first.options(),
              target,
              libraries,
              first.thread(),
              probes,
              copies,
              plan,
              warnings.all());
      return further;
    } finally {
      if (further == null) {
        libraries.close();
      }
    }
  }

  /** Returns the way that was chosen for a probe: further places are for the same programs. */
  private static ReturnWay wayOf(ResolvedProbe probe) {
    if (probe instanceof ResolvedProbe.UserFunction function && function.returns() != null) {
      return switch (function.returns().kind()) {
        case REPLACED -> ReturnWay.TRAMPOLINE;
        case INSTRUCTIONS -> ReturnWay.SITES;
      };
    }
    return ReturnWay.AUTO;
  }

  /** Has the functions of a plan decoded, so that their code is known the next time. */
  void decode(Planned planned) {
    if (!planned.options().placement()) {
      return;
    }
    for (int i = 0; i < planned.probes().size(); i++) {
      if (planned.probes().get(i) instanceof ResolvedProbe.UserFunction function) {
        Event event = planned.specifier().events().get(i);
        for (CodeLocation location : function.locations()) {
          if (!location.isAwaited()) {
            placer()
                .place(
                    location,
                    planned.libraries(),
                    reads(event, function),
                    UnsafePlaces.of(planned.target().pid()));
          }
        }
      }
    }
  }

  private static Placement.Reads reads(Event event, ResolvedProbe.UserFunction function) {
    return new Placement.Reads(event.parameters().size(), function.atReturn());
  }

  private static boolean isInFiles(ResolvedProbe probe) {
    return switch (probe.kind()) {
      case USER_FUNCTION, USDT -> true;
      case KERNEL_FUNCTION, TRACEPOINT -> false;
    };
  }

  private ProbePlan plan(
      Specifier specifier,
      List<ResolvedProbe> probes,
      ProbeOptions options,
      TargetLibraries libraries)
      throws SpecifierException, MachineException {
    return Planner.plan(
        specifier,
        probes,
        planOptions(options, libraries.target()),
        new TypeSources(types, HotSpotTypes.of(libraries)),
        Architecture.current());
  }

  private static PlanOptions planOptions(ProbeOptions options, TargetProcess target)
      throws MachineException {
    return new PlanOptions(
        options.stringSize(),
        options.tableEntries(),
        options.tableSlots(),
        options.callEntries(),
        options.buckets(),
        options.thread(),
        options.systemWide(),
        Machine.possibleCpus(),
        target.filter().numbers(),
        options.ownThreads());
  }

  /** Chooses the instruction, and the kernel's means to probe it. */
  private ResolvedProbe placed(
      ResolvedProbe probe,
      Event event,
      ProbeOptions options,
      TargetLibraries libraries,
      String noTrampoline,
      ProbePlacer placer)
      throws MachineException {
    return switch (probe.kind()) {
      case USER_FUNCTION ->
          place((ResolvedProbe.UserFunction) probe, event, options, libraries, placer);
      case KERNEL_FUNCTION -> choose((ResolvedProbe.KernelFunction) probe, noTrampoline);
      case USDT -> {
        if (UnsafePlaces.areInside()) {
          for (ResolvedProbe.UsdtSite site : ((ResolvedProbe.Usdt) probe).sites()) {
            UnsafePlaces.checkInside(kindAt(site.location()), site.location().display());
          }
        }
        yield probe;
      }
      case TRACEPOINT -> probe;
    };
  }

  /** Returns null also for what cannot be read, which attaching will report. */
  private static @Nullable InstructionKind kindAt(CodeLocation location) {
    try {
      return MachineCosts.kindAt(location);
    } catch (IOException e) {
      return null;
    }
  }

  private ResolvedProbe place(
      ResolvedProbe.UserFunction function,
      Event event,
      ProbeOptions options,
      TargetLibraries libraries,
      ProbePlacer placer)
      throws MachineException {
    Set<InstructionKind> unsafe = UnsafePlaces.of(libraries.target().pid());
    Placement.Reads reads = reads(event, function);
    List<CodeLocation> placed = new ArrayList<>();
    for (CodeLocation entry : function.locations()) {
      CodeLocation place = entry;
      if (entry.isAwaited()) {
        placed.add(entry);
        continue;
      }
      if (options.placement()) {
        Placement placement = placer.place(entry, libraries, reads, unsafe);
        place = entry.behind(placement.distance(), placement.reason());
      }
      if (!unsafe.isEmpty() && place.offset() == entry.offset()) {
        UnsafePlaces.checkEntry(kindAt(entry), unsafe, entry.display());
      }
      placed.add(place);
    }
    return new ResolvedProbe.UserFunction(placed, function.returns());
  }

  /** Chooses how the returns of a function of user code are seen, if that is what is asked for. */
  private ResolvedProbe returning(
      ResolvedProbe probe,
      Event event,
      Specifier specifier,
      ReturnWay way,
      TargetLibraries libraries,
      Warnings warnings)
      throws SpecifierException, MachineException {
    if (probe instanceof ResolvedProbe.UserFunction function
        && function.returns() instanceof Returns.Replaced found) {
      ReturnChooser chooser =
          new ReturnChooser(
              specifier,
              ((ProbePoint.UserFunction) event.point()).nameSpan(),
              way,
              placer(),
              libraries,
              warnings);
      return new ResolvedProbe.UserFunction(
          function.locations(), chooser.choose(function.locations(), found));
    }
    return probe;
  }

  private synchronized ProbePlacer placer() {
    if (placer == null) {
      placer = new ProbePlacer(disassembler, costs.uprobes());
    }
    return placer;
  }

  private synchronized ProbePlacer fastPlacer() {
    if (fastPlacer == null) {
      fastPlacer = new ProbePlacer(disassembler.withoutWaiting(), costs.uprobes());
    }
    return fastPlacer;
  }

  /** Returns whether uprobes are attached by links. */
  boolean usesLinks() {
    return costs.uprobes().links();
  }

  /** Chooses fentry or fexit if the kernel has them, since they cost less and miss less. */
  private static ResolvedProbe choose(ResolvedProbe.KernelFunction function, String against) {
    String kind = function.atReturn() ? "fexit" : "fentry";
    TypedFunction typed = function.typed();
    if (typed == null) {
      return function.byKprobes("no " + kind + ": " + function.why());
    } else if (!against.isEmpty()) {
      return function.byKprobes("no " + kind + ": " + against);
    }
    TrampolineSupport support = TrampolineSupport.of(typed, function.atReturn());
    return switch (support.answer()) {
      case YES -> function;
      case NO -> function.byKprobes("no " + kind + ": " + support.because());
      case UNKNOWN ->
          function.byKprobes("whether " + kind + " works is not known: " + support.because());
    };
  }

  /**
   * Compiles and loads a probe, and attaches it. It counts nothing until the gate is opened.
   *
   * @param ownThreads the threads whose events do not count
   */
  LoadedProbe load(Planned planned, Gate gate, OwnThreads ownThreads)
      throws MachineException, CompileException, KernelException, IOException {
    return LoadedProbe.load(
        compiler.compile(planned.plan().text()),
        planned.plan(),
        planned.options().systemWide() ? null : Math.toIntExact(planned.target().pid()),
        planned.target().filter(),
        planned.thread(),
        costs.uprobes().links(),
        planned.plan().canBePaced() && planned.options().limits().maxOverheadPercent() > 0,
        gate,
        ownThreads);
  }

  /**
   * Compiles a probe and lets the kernel verify its programs. That needs the privilege to probe,
   * since libbcc creates the tables when it compiles.
   *
   * @return what the kernel has accepted
   */
  ProgramImage verify(Planned planned) throws MachineException, CompileException, KernelException {
    ProgramImage image = compiler.compile(planned.plan().text());
    LoadedProbe.verify(image, planned.plan(), planned.target().filter(), planned.thread());
    return image;
  }
}
