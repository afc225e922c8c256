/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Parameter;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import io.jargdist.specifier.TypedExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes typed programs from a specifier and the known facts about its probe. */
public final class SpecifierTyper {
  /**
   * How many bytes a key and the buffers of string comparisons may take together. A BPF program's
   * stack has 512 bytes; the rest holds the program's own variables and the compiler's spills.
   */
  private static final int STACK_BUDGET = 344;

  private final Specifier specifier;
  private final Architecture architecture;
  private final Types types;
  private final CollectedValues collected;

  /**
   * @param kernel the running kernel's types
   * @param stringSize bytes stored of each text
   * @param buckets how a histogram divides its values, whether signed or not
   * @throws SpecifierException if the type of a parameter or of a collected value is unknown or not
   *     allowed
   */
  public SpecifierTyper(
      Specifier specifier,
      TypeSource kernel,
      Architecture architecture,
      int stringSize,
      BucketScheme buckets)
      throws SpecifierException {
    this.specifier = specifier;
    this.architecture = architecture;
    boolean userSpace =
        switch (specifier.point().kind()) {
          case USER_FUNCTION, USDT -> true;
          case KERNEL_FUNCTION, TRACEPOINT -> false;
        };
    this.types = new Types(kernel, architecture, userSpace);
    this.collected = new CollectedValues(specifier, types, stringSize, buckets);
    checkSignature();
  }

  /**
   * Refuses a parameter that is not passed in one register: all parameters behind it would be read
   * from wrong registers.
   */
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

  public CollectedValues collected() {
    return collected;
  }

  /**
   * Returns the structs of user space for which the kernel's layout was used because no other is
   * known.
   */
  public Set<String> kernelStructs() {
    return types.kernelStructs();
  }

  public TypedProgram program(ResolvedProbe.UserFunction function) throws SpecifierException {
    TypeName declared = collected.declaredReturnType();
    return program(
        new FunctionValues(
            FunctionParameter.inUserSpace(specifier.parameters(), types, architecture),
            function.atReturn(),
            false,
            declared == null ? CType.S64 : types.inRegister(declared),
            Space.USER));
  }

  public KernelSignature signature(ResolvedProbe.KernelFunction function) {
    return new KernelSignature(specifier.parameters(), function, types, architecture);
  }

  /**
   * @param signature the function's own
   */
  public TypedProgram program(ResolvedProbe.KernelFunction function, KernelSignature signature)
      throws SpecifierException {
    TypeName declared = collected.declaredReturnType();
    return program(
        new FunctionValues(
            signature.parameters(),
            function.atReturn(),
            function.typed() != null,
            declared == null ? function.returnType() : types.inRegister(declared),
            declared != null && declared.user() ? Space.USER : Space.KERNEL));
  }

  public TypedProgram program(ResolvedProbe.Tracepoint tracepoint) throws SpecifierException {
    return program(new TracepointValues(tracepoint.category(), tracepoint.fields(), types));
  }

  /**
   * @param arguments of the places that the program serves
   */
  public TypedProgram program(ResolvedProbe.Usdt usdt, List<UsdtOperand> arguments)
      throws SpecifierException {
    return program(new UsdtValues(usdt.provider(), arguments));
  }

  private TypedProgram program(ProbeValues seen) throws SpecifierException {
    Uses uses = new Uses();
    Expression condition = specifier.filter();
    TypedValue filter = condition == null ? null : typer("filter", seen, uses).value(condition);
    Typer typer = typer("expression", seen, uses);
    List<TypedExpression> values = collected.values();
    CType.Int histogramValue = collected.histogramValue();
    TypedColumn.NumberColumn histogram = null;
    if (histogramValue != null) {
      TypedValue value = typer.value(values.get(0).expression());
      histogram = new TypedColumn.NumberColumn(value, histogramValue);
    }
    List<TypedColumn> key = new ArrayList<>();
    for (KeyField field : collected.key()) {
      Expression expression = values.get(key.size()).expression();
      CType.Int type = field.type();
      key.add(
          type == null
              ? new TypedColumn.TextColumn(typer.text(expression), field.most())
              : new TypedColumn.NumberColumn(typer.value(expression), type));
      uses.stack(field.size());
    }
    checkStack(uses.stackBytes());
    return new TypedProgram(filter, histogram, key, uses.entryPlaces(), uses.usesLatency());
  }

  private void checkStack(int bytes) throws SpecifierException {
    if (bytes > STACK_BUDGET) {
      throw error(
          "expression",
          new Span(0, specifier.text().length()),
          "keys and compared strings take "
              + bytes
              + " bytes, and "
              + STACK_BUDGET
              + " are allowed",
          "use fewer char* expressions, or a smaller string size (-z)");
    }
  }

  private Typer typer(String field, ProbeValues seen, Uses uses) {
    return new Typer(specifier.text(), field, seen, types, uses);
  }

  private SpecifierException error(String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
