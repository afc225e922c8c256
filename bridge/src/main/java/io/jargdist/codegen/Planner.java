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
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Parameter;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import io.jargdist.specifier.TypedExpression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final List<TypedExpression> values;
  private final List<KeyField> key;
  private final CType.@Nullable Int histogramValue;
  private final @Nullable BucketScheme buckets;
  private final ProgramText text;
  private boolean usesLatency;

  private Planner(
      Specifier specifier, PlanOptions options, TypeSource source, Architecture architecture)
      throws SpecifierException {
    this.specifier = specifier;
    this.options = options;
    boolean userSpace =
        specifier.point() instanceof ProbePoint.UserFunction
            || specifier.point() instanceof ProbePoint.Usdt;
    this.types = new Types(source, architecture, userSpace);
    this.architecture = architecture;
    this.values = values(specifier);
    boolean histogram = specifier.form() == Form.HISTOGRAM;
    this.key = histogram ? List.of() : layOut(values);
    this.histogramValue = histogram ? storage(values.get(0)) : null;
    this.buckets = histogramValue == null ? null : buckets(histogramValue);
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
            "a whole " + Types.describe(type) + " is not passed in one register",
            "probe with the parameters before it");
      }
    }
  }

  private ProbePlan plan(ResolvedProbe probe) throws SpecifierException {
    checkSignature();
    text.prologue();
    if (buckets != null) {
      text.histogramTable(buckets);
    } else if (!key.isEmpty()) {
      text.frequencyTable(key);
    }
    List<ProgramPlan> programs;
    if (probe instanceof ResolvedProbe.UserFunction function) {
      programs = function(function);
    } else if (probe instanceof ResolvedProbe.KernelFunction function) {
      programs = function(function);
    } else if (probe instanceof ResolvedProbe.Usdt usdt) {
      programs = usdt(usdt);
    } else {
      programs = tracepoint((ResolvedProbe.Tracepoint) probe);
    }
    return new ProbePlan(
        specifier.form(), label(), text.toString(), programs, buckets, usesLatency, key);
  }

  private List<ProgramPlan> function(ResolvedProbe.UserFunction function)
      throws SpecifierException {
    TypeName declared = declaredReturnType();
    FunctionValues seen =
        new FunctionValues(
            FunctionParameter.inUserSpace(specifier.parameters(), types, architecture),
            function.atReturn(),
            declared == null ? CType.S64 : types.inRegister(declared),
            Space.USER,
            architecture);
    return function(
        seen,
        new UprobePoint(function.location(), false, null),
        new UprobePoint(function.location(), function.atReturn(), null));
  }

  private List<ProgramPlan> function(ResolvedProbe.KernelFunction function)
      throws SpecifierException {
    KernelSignature signature =
        new KernelSignature(specifier.parameters(), function, types, architecture);
    TypeName declared = declaredReturnType();
    FunctionValues seen =
        new FunctionValues(
            signature.parameters(),
            function.atReturn(),
            declared == null ? function.returnType() : types.inRegister(declared),
            declared != null && declared.user() ? Space.USER : Space.KERNEL,
            architecture);
    text.append(signature.declarations());
    return function(
        seen,
        new KprobePoint(function.symbol(), false),
        new KprobePoint(function.symbol(), function.atReturn()));
  }

  private List<ProgramPlan> function(FunctionValues seen, AttachPoint entry, AttachPoint point)
      throws SpecifierException {
    Body body = write(seen, PROGRAM);
    text.append(body.functions());
    usesLatency = seen.usesLatency();
    List<ProgramPlan> programs = new ArrayList<>();
    if (seen.atReturn()) {
      programs.addAll(entries(seen, entry));
    }
    text.begin(PROGRAM, "pt_regs", !seen.atReturn(), seen.needsEntry());
    if (seen.atReturn()) {
      text.takeEntry(
          seen.kept().stream().map(i -> "entry_" + i).toList(),
          architecture.returnStackOffset(),
          seen.needsEntry());
    }
    finish(body);
    programs.add(new ProgramPlan(PROGRAM, List.of(point)));
    return programs;
  }

  /**
   * The programs that record calls, also for a return probe that needs nothing from the entry:
   * without them nobody would know of returns that the kernel does not trap. They are attached
   * before the return program: the kernel only traps the return of calls that entered after that
   * one was attached, so every return finds its entry.
   */
  private List<ProgramPlan> entries(FunctionValues seen, AttachPoint entry) {
    text.callTable(seen.kept().size(), entry instanceof KprobePoint);
    text.append("struct exiting { u64 thread; };\n\n");
    text.begin(EXIT_PROGRAM, "exiting", false, false);
    text.forgetThread();
    text.begin(ENTRY_PROGRAM, "pt_regs", true, false);
    text.keepEntry(seen.kept().stream().map(seen::register).toList(), seen.needsEntry());
    return List.of(
        new ProgramPlan(ENTRY_PROGRAM, List.of(entry), false),
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
    if (histogramValue != null) {
      value = writer.number(values.get(0).expression()).c();
    } else {
      for (int i = 0; i < values.size(); i++) {
        statements.add(fill(i, writer, seen));
      }
    }
    int stack = matches.stackBytes();
    for (KeyField field : key) {
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
    text.append(body.declarations());
    text.filter(body.filter());
    if (histogramValue != null) {
      text.addToHistogram(body.value(), histogramValue);
    } else if (key.isEmpty()) {
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
    Expression expression = values.get(index).expression();
    KeyField field = key.get(index);
    if (field.type() != null) {
      Scalar value = writer.number(expression);
      return "  key.v%d = (%s)%s;\n".formatted(index, Types.cName(field.type()), value.c());
    }
    if (expression instanceof Expression.Builtin builtin && builtin.value() == BuiltinValue.COMM) {
      return "  bpf_get_current_comm(&key.v%d, sizeof(key.v%d));\n".formatted(index, index);
    }
    Scalar address = writer.address(expression);
    Operand length =
        expression instanceof Expression.UsdtArgument argument
            ? seen.usdtStringLength(argument.number())
            : null;
    if (length instanceof Scalar known) {
      return """
        u64 length_%1$d = %2$s;
        if (length_%1$d > %3$d) length_%1$d = %3$d;
        if (%4$s(&key.v%1$d, length_%1$d, (void *)%5$s)) failed = 1;
      """
          .formatted(index, known.c(), field.size() - 1, address.space().reader(), address.c());
    }
    return "  if (%s_str(&key.v%d, sizeof(key.v%d), (void *)%s) < 0) failed = 1;\n"
        .formatted(address.space().reader(), index, index, address.c());
  }

  /** The specifier's values, or argdist's default: the return value, or nothing but the event. */
  private static List<TypedExpression> values(Specifier specifier) throws SpecifierException {
    if (!specifier.values().isEmpty()) {
      return specifier.values();
    }
    if (isReturn(specifier.point())) {
      Span nowhere = specifier.point().nameSpan();
      return List.of(
          new TypedExpression(
              new TypeName("int", 0, false, nowhere),
              new Expression.Builtin(BuiltinValue.RETVAL, nowhere),
              "retval"));
    }
    if (specifier.form() == Form.HISTOGRAM) {
      throw new SpecifierException(
          specifier.text(),
          new Diagnostic(
              "expression",
              specifier.point().nameSpan(),
              "a histogram needs a value",
              "append :TYPE:EXPRESSION"));
    }
    return List.of();
  }

  private static boolean isReturn(ProbePoint point) {
    return (point instanceof ProbePoint.UserFunction user && user.atReturn())
        || (point instanceof ProbePoint.KernelFunction kernel && kernel.atReturn());
  }

  private List<KeyField> layOut(List<TypedExpression> values) throws SpecifierException {
    List<KeyField> fields = new ArrayList<>();
    int end = 0;
    for (TypedExpression value : values) {
      String name = shown(value);
      if (value.type().isString()) {
        boolean comm =
            value.expression() instanceof Expression.Builtin builtin
                && builtin.value() == BuiltinValue.COMM;
        int size = comm ? StringMatches.COMM_SIZE : options.stringSize() + 1;
        fields.add(new KeyField(new KeyColumn(name, true), null, end, size));
        end += size;
        continue;
      }
      CType.Int type = storage(value);
      int offset = (end + type.size() - 1) / type.size() * type.size();
      fields.add(new KeyField(new KeyColumn(name, false), type, offset, type.size()));
      end = offset + type.size();
    }
    return fields;
  }

  private BucketScheme buckets(CType.Int type) throws SpecifierException {
    try {
      return options.buckets().withSigned(type.signed());
    } catch (IllegalArgumentException e) {
      throw error("type", values.get(0).type().span(), String.valueOf(e.getMessage()), null);
    }
  }

  /** The integer type in which a value is kept. */
  private CType.Int storage(TypedExpression value) throws SpecifierException {
    CType type = types.resolve(value.type());
    if (type instanceof CType.Int integer) {
      return integer;
    }
    if (type instanceof CType.Pointer) {
      return CType.U64;
    }
    if (type == null) {
      throw error(
          "type",
          value.type().span(),
          "unknown type \"" + value.type().text() + "\"",
          types.hint(value.type().base()));
    }
    throw error(
        "type",
        value.type().span(),
        "values cannot be collected as a whole " + Types.describe(type),
        "use a C integer type or char*");
  }

  /**
   * The type in which {@code $retval} is calculated with: the one it is declared to be collected
   * as.
   */
  private @Nullable TypeName declaredReturnType() {
    for (TypedExpression value : values) {
      if (value.expression() instanceof Expression.Builtin builtin
          && builtin.value() == BuiltinValue.RETVAL) {
        return value.type();
      }
    }
    return null;
  }

  private String label() {
    String label = specifier.label();
    if (label != null) {
      return label;
    }
    return specifier.form() == Form.HISTOGRAM ? shown(values.get(0)) : specifier.text();
  }

  /** An expression as argdist shows it: {@code $entry(x)} is shown as {@code x}. */
  private static String shown(TypedExpression value) {
    return value.text().replaceAll("\\$entry\\s*\\(\\s*(\\w+)\\s*\\)", "$1");
  }

  private SpecifierException error(String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
