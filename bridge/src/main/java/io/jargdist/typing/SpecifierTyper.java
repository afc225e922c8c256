/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TaskFields;
import io.jargdist.facts.TypeSources;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierPrinter;
import io.jargdist.specifier.TypeName;
import io.jargdist.specifier.TypedExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes typed programs from a specifier and the known facts about its probe. */
public final class SpecifierTyper {
  /**
   * How many bytes a key and the buffers of string comparisons may take together. A BPF program's
   * stack has 512 bytes; the rest holds the program's own variables and the compiler's spills.
   */
  private static final int STACK_BUDGET = 344;

  private final Specifier specifier;
  private final @Nullable EventTyper from;
  private final EventTyper event;
  private final CollectedValues collected;
  private final boolean systemWide;
  private final int stringSize;
  private final List<Expression.Kept> kept = new ArrayList<>();

  /**
   * @param sources of types
   * @param stringSize bytes stored of each text
   * @param buckets how a histogram divides its values, whether signed or not
   * @param systemWide whether the events of all processes count
   * @throws SpecifierException if the type of a parameter or of a collected value is unknown or not
   *     allowed
   */
  public SpecifierTyper(
      Specifier specifier,
      TypeSources sources,
      Architecture architecture,
      int stringSize,
      BucketScheme buckets,
      boolean systemWide)
      throws SpecifierException {
    this.specifier = specifier;
    this.systemWide = systemWide;
    this.stringSize = stringSize;
    this.event = new EventTyper(specifier.text(), specifier.event(), sources, architecture);
    Event first = specifier.from();
    this.from =
        first == null ? null : new EventTyper(specifier.text(), first, sources, architecture);
    this.collected = new CollectedValues(specifier, event.types(), stringSize, buckets);
    if (from != null) {
      from.checkSignature();
    }
    event.checkSignature();
  }

  public CollectedValues collected() {
    return collected;
  }

  /**
   * Returns the structs of user space for which the kernel's layout was used because no other is
   * known.
   */
  public Set<String> kernelStructs() {
    Set<String> structs = new TreeSet<>(event.types().kernelStructs());
    if (from != null) {
      structs.addAll(from.types().kernelStructs());
    }
    return structs;
  }

  private EventTyper typer(Event of) {
    return from != null && of.equals(from.event()) ? from : event;
  }

  /** Returns the type that is declared for what the function returns. */
  private @Nullable TypeName declared(Event of) {
    return of.equals(specifier.event()) ? collected.declaredReturnType() : null;
  }

  /** Returns what programs at the function see. */
  public EventValues values(Event of, ResolvedProbe.UserFunction function) {
    return typer(of).values(function, declared(of));
  }

  public KernelSignature signature(Event of, ResolvedProbe.KernelFunction function) {
    return typer(of).signature(function);
  }

  /**
   * @param signature the function's own
   */
  public EventValues values(
      Event of, ResolvedProbe.KernelFunction function, KernelSignature signature) {
    return typer(of).values(function, signature, declared(of));
  }

  public EventValues values(Event of, ResolvedProbe.Tracepoint tracepoint) {
    return typer(of).values(tracepoint);
  }

  /**
   * @param arguments of the places that the program serves
   */
  public EventValues values(Event of, ResolvedProbe.Usdt usdt, List<UsdtOperand> arguments) {
    return typer(of).values(usdt, arguments);
  }

  /**
   * Returns the work for the first event of a pair. All work for the second one must be typed
   * before, since only that tells what is kept.
   */
  public TypedBeginning beginning(EventValues seen) throws SpecifierException {
    Uses uses = new Uses();
    Event first = seen.event().event();
    Expression condition = first.condition();
    TypedValue typedCondition =
        condition == null ? null : typer("if", seen, null, uses).value(condition);
    PairEnd end = end(seen, uses, keptColumns(seen, uses));
    checkStack(uses.stackBytes());
    return new TypedBeginning(typedCondition, end, uses.entryValues());
  }

  private List<TypedColumn> keptColumns(EventValues seen, Uses uses) throws SpecifierException {
    List<TypedColumn> columns = new ArrayList<>();
    Typer typer = typer("expression", seen, null, uses);
    for (Expression.Kept each : kept) {
      columns.add(
          !isText(each)
              ? new TypedColumn.NumberColumn(typer.value(each.value()), CType.U64)
              : each.value() instanceof Expression.Explained explained
                  ? typer.explainedColumn(explained)
                  : typer.textColumn(each.value(), KeyContent.TextContent.of(stringSize)));
    }
    return columns;
  }

  /** Returns whether what is kept is collected as text. */
  private boolean isText(Expression.Kept wanted) {
    return collected.values().stream()
        .anyMatch(value -> value.type().isString() && value.expression().equals(wanted));
  }

  private PairEnd end(EventValues seen, Uses uses, List<TypedColumn> columns)
      throws SpecifierException {
    Event of = seen.event().event();
    Typer typer = typer("on", seen, null, uses).withInitialNumbers();
    List<TypedValue> on = new ArrayList<>();
    for (Expression value : of.on()) {
      on.add(typer.value(value));
    }
    return new PairEnd(on, whose(seen.event()), TaskFields.in(of), columns);
  }

  private PairEnd.Whose whose(EventTyper of) {
    if (systemWide) {
      return PairEnd.Whose.ANYBODY;
    } else if (of.isInUserSpace()) {
      return PairEnd.Whose.THREAD;
    }
    return TaskFields.in(of.event()) >= 0
        ? PairEnd.Whose.TASK
        : PairEnd.Whose.THREAD_OUTSIDE_INTERRUPTS;
  }

  /**
   * Returns the work for the events whose values are taken.
   *
   * @param first what is seen of the first event; null if this is not one of a pair
   */
  public TypedProgram program(EventValues seen, @Nullable EventValues first)
      throws SpecifierException {
    Uses uses = new Uses();
    Expression condition = specifier.event().condition();
    TypedValue typedCondition =
        condition == null ? null : typer("if", seen, first, uses).value(condition);
    Expression filter = specifier.filter();
    TypedValue typedFilter =
        filter == null ? null : typer("filter", seen, first, uses).value(filter);
    Typer typer = typer("expression", seen, first, uses);
    List<TypedExpression> values = collected.values();
    List<TypedExpression> keys = collected.keyExpressions();
    CType.Int valueType = collected.valueType();
    TypedColumn.NumberColumn number = null;
    if (valueType != null) {
      number = new TypedColumn.NumberColumn(typer.value(values.get(0).expression()), valueType);
    }
    List<TypedColumn> key = new ArrayList<>();
    for (KeyField field : collected.key()) {
      Expression expression = keys.get(key.size()).expression();
      key.add(field.content().accept(new KeyColumns(typer, expression)));
      uses.stack(field.content().size());
    }
    PairEnd pair = first == null ? null : end(seen, uses, List.of());
    if (collected.buckets() != null && !key.isEmpty()) {
      // The slot stands before the key.
      uses.stack(Long.BYTES);
    }
    checkStack(uses.stackBytes());
    return new TypedProgram(
        typedCondition, pair, typedFilter, number, key, uses.entryValues(), uses.usesLatency());
  }

  /** Types an expression as a column of a key. */
  private record KeyColumns(Typer typer, Expression expression)
      implements KeyContent.Visitor<TypedColumn, SpecifierException> {
    @Override
    public TypedColumn number(KeyContent.NumberContent number) throws SpecifierException {
      return new TypedColumn.NumberColumn(typer.value(expression), number.type());
    }

    @Override
    public TypedColumn text(KeyContent.TextContent text) throws SpecifierException {
      return typer.textColumn(expression, text);
    }

    @Override
    public TypedColumn explained(KeyContent.ExplainedContent explained) throws SpecifierException {
      return typer.explainedColumn(expression);
    }
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

  private Typer typer(String field, EventValues seen, @Nullable EventValues first, Uses uses) {
    KeptValues earlier = first == null ? null : new KeptValues(this, first);
    return new Typer(
        specifier.text(),
        field,
        seen.values(),
        seen.event().types(),
        uses,
        earlier,
        elsewhere(seen));
  }

  /** Returns whether the event may happen in another thread than the one that it is about. */
  private boolean elsewhere(EventValues seen) {
    EventTyper of = seen.event();
    boolean first = from != null && of == from;
    return specifier.isPair()
        && !of.isInUserSpace()
        && !of.event().on().isEmpty()
        && (!first || TaskFields.in(of.event()) >= 0);
  }

  /**
   * What the first event keeps for the second one.
   *
   * @param first what is seen of the first event
   */
  record KeptValues(SpecifierTyper typer, EventValues first) {
    Operand.Scalar number(Expression.Kept wanted) throws SpecifierException {
      Typer atFirst = typer.typer("expression", first, null, new Uses());
      Operand.Scalar value = atFirst.number(wanted.value());
      return Operand.Scalar.seen(
          new TypedValue.Kept(typer.place(wanted), value.type()), value.space());
    }

    TypedText text(Expression.Kept wanted) throws SpecifierException {
      Typer atFirst = typer.typer("expression", first, null, new Uses());
      KeyContent.TextContent content = KeyContent.TextContent.of(typer.stringSize);
      atFirst.textColumn(wanted.value(), content);
      return new TypedText.Kept(typer.place(wanted));
    }

    ExplainedKey explained(Expression.Kept wanted) throws SpecifierException {
      Typer atFirst = typer.typer("expression", first, null, new Uses());
      ExplainedKey key = atFirst.explainedColumn(wanted.value()).key();
      return new ExplainedKey.Kept(key.explanation(), typer.place(wanted));
    }
  }

  /** Returns the place of a value among those that are kept. */
  private int place(Expression.Kept wanted) {
    for (int i = 0; i < kept.size(); i++) {
      boolean same =
          SpecifierPrinter.print(kept.get(i)).equals(SpecifierPrinter.print(wanted))
              && isText(kept.get(i)) == isText(wanted);
      if (same) {
        return i;
      }
    }
    kept.add(wanted);
    return kept.size() - 1;
  }

  private SpecifierException error(String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
