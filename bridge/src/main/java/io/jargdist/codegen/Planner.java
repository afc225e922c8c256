/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.KeyField;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.RawTracepointPoint;
import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Parameter;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import io.jargdist.specifier.TypedExpression;
import io.jargdist.typing.Architecture;
import io.jargdist.typing.CType;
import io.jargdist.typing.TypeSource;
import io.jargdist.typing.TypedFunction;
import io.jargdist.typing.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From a specifier and what the machine knows of its probe to a plan. Pure: the same input gives
 * the same plan, on any machine.
 */
public final class Planner {
  /**
   * What a key and the buffers of string comparisons may take together. A BPF program's stack has
   * 512 bytes; the rest is for the program's own variables and what the compiler spills.
   */
  private static final int STACK_BUDGET = 344;

  private static final String PROGRAM = "probe";
  private static final String ENTRY_PROGRAM = "entry";
  private static final String EXIT_PROGRAM = "thread_exit";

  private final Specifier specifier;
  private final PlanOptions options;
  private final Types types;
  private final Architecture architecture;
  private final CollectedValues collected;
  private final ProgramText text;
  private boolean usesLatency;

  private Planner(
      Specifier specifier, PlanOptions options, TypeSource source, Architecture architecture)
      throws SpecifierException {
    this.specifier = specifier;
    this.options = options;
    boolean userSpace =
        switch (specifier.point().kind()) {
          case USER_FUNCTION, USDT -> true;
          case KERNEL_FUNCTION, TRACEPOINT -> false;
        };
    this.types = new Types(source, architecture, userSpace);
    this.architecture = architecture;
    this.collected = new CollectedValues(specifier, types, options);
    this.text = new ProgramText(options);
  }

  /**
   * @throws SpecifierException if the specifier's expressions do not fit the probe
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

  /** A parameter that is not in one register would make all behind it be read from wrong ones. */
  private void checkSignature() throws SpecifierException {
    for (Parameter parameter : specifier.parameters()) {
      TypeName name = parameter.type();
      CType type = types.resolve(name);
      if (type == null) {
        throw error(
            "signature",
            name.span(),
            "unknown type \"" + name.text() + "\"",
            types.hint(name.base()));
      } else if (type instanceof CType.Struct || type instanceof CType.Array) {
        throw error(
            "signature",
            name.span(),
            "a whole " + type.describe() + " is not passed in one register",
            "probe with the parameters before it");
      }
    }
  }

  private ProbePlan plan(ResolvedProbe probe) throws SpecifierException {
    checkSignature();
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
        programs,
        buckets,
        usesLatency,
        types.kernelStructs(),
        collected.key());
  }

  private List<ProgramPlan> function(ResolvedProbe.UserFunction function)
      throws SpecifierException {
    TypeName declared = collected.declaredReturnType();
    CallContext call = CallContext.registers(architecture);
    FunctionValues seen =
        new FunctionValues(
            FunctionParameter.inUserSpace(specifier.parameters(), types, call),
            function.atReturn(),
            declared == null ? CType.S64 : types.inRegister(declared),
            Space.USER,
            call);
    return function(seen, points(function, false), points(function, function.atReturn()));
  }

  private static List<AttachPoint> points(ResolvedProbe.UserFunction function, boolean atReturn) {
    return function.locations().stream()
        .<AttachPoint>map(location -> new UprobePoint(location, atReturn, null))
        .toList();
  }

  private List<ProgramPlan> function(ResolvedProbe.KernelFunction function)
      throws SpecifierException {
    TypedFunction typed = function.typed();
    CallContext call =
        typed == null ? CallContext.registers(architecture) : CallContext.trampoline(typed);
    KernelSignature signature =
        new KernelSignature(specifier.parameters(), function, types, call, architecture);
    TypeName declared = collected.declaredReturnType();
    FunctionValues seen =
        new FunctionValues(
            signature.parameters(),
            function.atReturn(),
            declared == null ? function.returnType() : types.inRegister(declared),
            declared != null && declared.user() ? Space.USER : Space.KERNEL,
            call);
    text.append(call.declarations());
    text.append(signature.declarations());
    return function(
        seen, List.of(point(function, false)), List.of(point(function, function.atReturn())));
  }

  private static AttachPoint point(ResolvedProbe.KernelFunction function, boolean atReturn) {
    TypedFunction typed = function.typed();
    return typed == null
        ? new KprobePoint(
            function.symbol(), atReturn, atReturn == function.atReturn() ? function.why() : "")
        : new TrampolinePoint(function.symbol(), typed.btfId(), atReturn);
  }

  private List<ProgramPlan> function(
      FunctionValues seen, List<AttachPoint> entryPoints, List<AttachPoint> points)
      throws SpecifierException {
    Body body = write(seen, PROGRAM);
    text.append(body.functions());
    usesLatency = seen.usesLatency();
    List<ProgramPlan> programs = new ArrayList<>();
    CallContext call = seen.call();
    boolean entries = seen.atReturn() && (seen.needsEntry() || !call.wholeCalls());
    if (entries) {
      programs.addAll(entries(seen, entryPoints));
    }
    text.begin(PROGRAM, call.struct(), !entries, seen.needsEntry());
    if (entries) {
      text.takeEntry(seen.kept().stream().map(i -> "entry_" + i).toList(), call, seen.needsEntry());
    }
    finish(body);
    programs.add(new ProgramPlan(PROGRAM, points));
    return programs;
  }

  /**
   * The programs that record calls, also for a return probe that needs nothing from the entry:
   * without them nobody would know of returns that the kernel does not trap, unless it traps all.
   * They are attached before the return program: the kernel only traps the return of calls that
   * entered after that one was attached, so every return finds its entry. If the kernel traps all
   * returns, the runs of the entry program that it skips are the only ones which do not.
   */
  private List<ProgramPlan> entries(FunctionValues seen, List<AttachPoint> points)
      throws SpecifierException {
    CallContext call = seen.call();
    TableMemory.checkCalls(specifier, options, CallStackText.blockSize(seen.kept().size()));
    boolean inKernel = !(points.get(0) instanceof UprobePoint);
    text.callTable(seen.kept().size(), inKernel);
    text.append("struct exiting { u64 thread; };\n\n");
    text.begin(EXIT_PROGRAM, "exiting", false, false);
    text.forgetThread();
    text.begin(ENTRY_PROGRAM, call.struct(), true, false);
    text.keepEntry(seen.kept().stream().map(seen::register).toList(), call, seen.needsEntry());
    return List.of(
        new ProgramPlan(ENTRY_PROGRAM, points, call.wholeCalls()),
        new ProgramPlan(
            EXIT_PROGRAM, List.of(new RawTracepointPoint("sched_process_exit")), false));
  }

  /** One program for all places that keep the arguments in the same registers and memory. */
  private List<ProgramPlan> usdt(ResolvedProbe.Usdt usdt) throws SpecifierException {
    Map<List<UsdtOperand>, List<AttachPoint>> places = new LinkedHashMap<>();
    for (ResolvedProbe.UsdtSite site : usdt.sites()) {
      places
          .computeIfAbsent(site.arguments(), arguments -> new ArrayList<>())
          .add(new UprobePoint(site.location(), false, site.semaphoreOffset()));
    }
    List<ProgramPlan> programs = new ArrayList<>();
    for (Map.Entry<List<UsdtOperand>, List<AttachPoint>> place : places.entrySet()) {
      String name = PROGRAM + (programs.isEmpty() ? "" : "_" + programs.size());
      Body body = write(new UsdtValues(usdt.provider(), place.getKey(), architecture), name);
      text.append(body.functions());
      text.begin(name, "pt_regs", true, false);
      finish(body);
      programs.add(new ProgramPlan(name, place.getValue()));
    }
    return programs;
  }

  private List<ProgramPlan> tracepoint(ResolvedProbe.Tracepoint tracepoint)
      throws SpecifierException {
    TracepointValues seen = new TracepointValues(tracepoint, types);
    Body body = write(seen, PROGRAM);
    text.append(seen.record());
    text.append(body.functions());
    text.begin(PROGRAM, "record", true, false);
    finish(body);
    return List.of(
        new ProgramPlan(
            PROGRAM,
            List.of(
                new TracepointPoint(tracepoint.category(), tracepoint.event(), tracepoint.id()))));
  }

  /**
   * What a program does after it was told its event is the target's.
   *
   * @param functions C functions that it calls
   * @param declarations of its variables
   * @param statements for a frequency, those that fill the key
   * @param value for a histogram, its value
   */
  private record Body(
      String functions,
      String declarations,
      @Nullable String filter,
      List<String> statements,
      String value) {}

  private Body write(ProbeValues seen, String program) throws SpecifierException {
    StringMatches matches = new StringMatches(seen, program + "_match_");
    Expression condition = specifier.filter();
    String filter =
        condition == null ? null : writer("filter", seen, matches).number(condition).c();
    ExpressionWriter writer = writer("expression", seen, matches);
    List<String> statements = new ArrayList<>();
    String value = "0";
    List<TypedExpression> values = collected.values();
    if (collected.histogramValue() != null) {
      value = writer.number(values.get(0).expression()).c();
    } else {
      for (int i = 0; i < values.size(); i++) {
        statements.add(fill(i, writer, seen));
      }
    }
    int stack = matches.stackBytes();
    for (KeyField field : collected.key()) {
      stack += field.size();
    }
    if (stack > STACK_BUDGET) {
      throw error(
          "expression",
          new Span(0, specifier.text().length()),
          "keys and compared strings take "
              + stack
              + " bytes, and "
              + STACK_BUDGET
              + " are allowed",
          "use fewer char* expressions, or a smaller string size (-z)");
    }
    return new Body(matches.functions(), seen.declarations(), filter, statements, value);
  }

  private void finish(Body body) {
    text.begun();
    text.append(body.declarations());
    text.filter(body.filter());
    CType.Int histogramValue = collected.histogramValue();
    if (histogramValue != null) {
      text.addToHistogram(body.value(), histogramValue);
    } else if (collected.key().isEmpty()) {
      text.countEvent();
    } else {
      text.beginKey();
      body.statements().forEach(text::append);
      text.countKey();
    }
  }

  private ExpressionWriter writer(String field, ProbeValues seen, StringMatches matches) {
    return new ExpressionWriter(specifier.text(), field, seen, types, matches);
  }

  private String fill(int index, ExpressionWriter writer, ProbeValues seen)
      throws SpecifierException {
    Expression expression = collected.values().get(index).expression();
    KeyField field = collected.key().get(index);
    if (field.type() != null) {
      Scalar value = writer.number(expression);
      return String.format(
          Locale.ROOT, "  key.v%d = (%s)%s;\n", index, Types.cName(field.type()), value.c());
    }
    if (expression instanceof Expression.Builtin builtin && builtin.value() == BuiltinValue.COMM) {
      return String.format(
          Locale.ROOT, "  bpf_get_current_comm(&key.v%d, sizeof(key.v%d));\n", index, index);
    }
    Scalar address = writer.address(expression);
    Operand length =
        expression instanceof Expression.UsdtArgument argument
            ? seen.usdtStringLength(argument.number())
            : null;
    if (length instanceof Scalar known) {
      return String.format(
          Locale.ROOT,
          """
        u64 length_%1$d = CONTEXT(%2$s);
        if (length_%1$d > %3$d) {
          length_%1$d = %3$d;
          key.v%1$d[%3$d] = 1;
        }
        if (%4$s(&key.v%1$d, length_%1$d, (void *)%5$s)) failed = 1;
      """,
          index,
          known.c(),
          field.most(),
          address.space().reader(),
          address.c());
    }
    return String.format(
        Locale.ROOT,
        """
      if (%1$s_str(&key.v%2$d, sizeof(key.v%2$d), (void *)%3$s) < 0) failed = 1;
      key.v%2$d[%4$d] = key.v%2$d[%4$d] != 0;
    """,
        address.space().reader(),
        index,
        address.c(),
        field.most());
  }

  private SpecifierException error(String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
