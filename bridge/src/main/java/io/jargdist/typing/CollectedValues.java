/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.OpenFileFields;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Expression.Explanation;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import io.jargdist.specifier.TypedExpression;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The values that a specifier collects: the value of a histogram or a sum, and the keys. */
public final class CollectedValues {
  private final Specifier specifier;
  private final Types types;
  private final int stringSize;
  private final List<TypedExpression> values;
  private final List<KeyField> key;
  private final CType.@Nullable Int valueType;
  private final @Nullable BucketScheme buckets;

  /**
   * @param stringSize bytes stored of each text
   * @param buckets how a histogram divides its values; this class decides whether they are signed
   * @throws SpecifierException if a type is unknown or cannot be collected
   */
  CollectedValues(Specifier specifier, Types types, int stringSize, BucketScheme buckets)
      throws SpecifierException {
    this.specifier = specifier;
    this.types = types;
    this.stringSize = stringSize;
    this.values = values(specifier);
    this.key = layOut();
    this.valueType = specifier.form().hasValue() ? storage(values.get(0)) : null;
    this.buckets =
        switch (specifier.form()) {
          case HISTOGRAM -> signed(buckets, Objects.requireNonNull(valueType));
          case FREQUENCY, SUM -> null;
        };
  }

  /** Returns the value of a histogram or a sum, then what {@link #keyExpressions} has. */
  List<TypedExpression> values() {
    return values;
  }

  /** Returns one expression for each field of the key, in the key's order. */
  List<TypedExpression> keyExpressions() {
    return specifier.form().hasValue() ? values.subList(1, values.size()) : values;
  }

  /** Returns the key's fields; none without keys. */
  public List<KeyField> key() {
    return key;
  }

  /** Returns the type of the value of a histogram or a sum; null for a frequency. */
  CType.@Nullable Int valueType() {
    return valueType;
  }

  /** Returns how a histogram divides its values; null for other forms. */
  public @Nullable BucketScheme buckets() {
    return buckets;
  }

  /**
   * Returns the type that the specifier declares for {@code $retval} when it collects it;
   * calculations use it, too. Null if it declares none.
   */
  @Nullable TypeName declaredReturnType() {
    for (TypedExpression value : values) {
      if (value.expression() instanceof Expression.Builtin builtin
          && builtin.value() == BuiltinValue.RETVAL) {
        return value.type();
      }
    }
    return null;
  }

  /** Returns the heading of the rows: the specifier's label, or else what argdist shows. */
  public String label() {
    String label = specifier.label();
    if (label != null) {
      return label;
    }
    return switch (specifier.form()) {
      case HISTOGRAM -> shown(values.get(0));
      case FREQUENCY, SUM -> specifier.text();
    };
  }

  /**
   * Returns the unit of the values of a histogram or a sum: {@code "ns"} if the value is just
   * {@code $latency}, else an empty text.
   */
  public String unit() {
    boolean latency =
        specifier.form().hasValue()
            && values.get(0).expression() instanceof Expression.Builtin builtin
            && builtin.value() == BuiltinValue.LATENCY;
    return latency ? "ns" : "";
  }

  /**
   * Returns the specifier's values, or the default: of a pair, the time between its events; else
   * argdist's, which is the return value, or just the event.
   */
  private static List<TypedExpression> values(Specifier specifier) throws SpecifierException {
    if (!specifier.values().isEmpty()) {
      return specifier.values();
    }
    if (specifier.isPair()) {
      return specifier.form().hasValue() ? List.of(latency(specifier)) : List.of();
    }
    if (specifier.point().atReturn()) {
      Span nowhere = specifier.point().nameSpan();
      return List.of(
          new TypedExpression(
              new TypeName("int", 0, false, nowhere),
              new Expression.Builtin(BuiltinValue.RETVAL, nowhere),
              "retval"));
    }
    if (specifier.form().hasValue()) {
      throw new SpecifierException(
          specifier.text(),
          new Diagnostic(
              "expression",
              specifier.point().nameSpan(),
              specifier.form().description() + " needs a value",
              "append :TYPE:EXPRESSION"));
    }
    return List.of();
  }

  private static TypedExpression latency(Specifier specifier) {
    Span nowhere = specifier.point().nameSpan();
    return new TypedExpression(
        new TypeName("u64", 0, false, nowhere),
        new Expression.Builtin(BuiltinValue.LATENCY, nowhere),
        BuiltinValue.LATENCY.text());
  }

  private List<KeyField> layOut() throws SpecifierException {
    List<KeyField> fields = new ArrayList<>();
    int end = 0;
    for (TypedExpression value : keyExpressions()) {
      KeyColumn column = new KeyColumn(shown(value), value.type().isString());
      KeyField field = KeyField.behind(end, column, content(value));
      fields.add(field);
      end = field.end();
    }
    return fields;
  }

  private KeyContent content(TypedExpression value) throws SpecifierException {
    if (!value.type().isString()) {
      return new KeyContent.NumberContent(storage(value));
    }
    Expression expression = value.expression();
    if (expression instanceof Expression.Kept kept) {
      expression = kept.value();
    }
    if (expression instanceof Expression.Explained explained) {
      checkKernel(explained);
      return new KeyContent.ExplainedContent(explained.explanation());
    }
    boolean comm =
        value.expression() instanceof Expression.Builtin builtin
            && builtin.value() == BuiltinValue.COMM;
    return comm ? KeyContent.TextContent.ofThreadName() : KeyContent.TextContent.of(stringSize);
  }

  private void checkKernel(Expression.Explained key) throws SpecifierException {
    List<String> missing =
        switch (key.explanation()) {
          case ADDRESS -> List.of();
          case FILE -> OpenFileFields.of(types.kernel()).missing();
        };
    if (!missing.isEmpty()) {
      String unavailable = types.source().unavailable();
      throw error(
          "expression",
          key.span(),
          "this kernel does not tell which file a descriptor means",
          unavailable == null ? "its types have no " + missing.get(0) : unavailable);
    }
  }

  /** Returns what the texts of keys say. */
  public Set<Explanation> explanations() {
    Set<Explanation> explanations = EnumSet.noneOf(Explanation.class);
    for (KeyField field : key) {
      if (field.content() instanceof KeyContent.ExplainedContent explained) {
        explanations.add(explained.explanation());
      }
    }
    return explanations;
  }

  private BucketScheme signed(BucketScheme buckets, CType.Int type) throws SpecifierException {
    try {
      return buckets.withSigned(type.signed());
    } catch (IllegalArgumentException e) {
      throw error("type", values.get(0).type().span(), String.valueOf(e.getMessage()), null);
    }
  }

  /** Returns the integer type in which a value is stored. */
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
        "values cannot be collected as a whole " + type.describe(),
        "use a C integer type or char*");
  }

  /** Returns an expression as argdist shows it: {@code $entry(x)} becomes {@code x}. */
  private static String shown(TypedExpression value) {
    return value.text().replaceAll("\\$entry\\s*\\(\\s*(\\w+)\\s*\\)", "$1");
  }

  private SpecifierException error(String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
