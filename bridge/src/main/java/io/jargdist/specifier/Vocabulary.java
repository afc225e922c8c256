/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.BuiltinValue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The names that an expression may use, by the kind of probe and its signature. */
final class Vocabulary {
  private final ProbeType probeType;
  private final List<Parameter> parameters;
  private final boolean hasPrototype;
  private final Role role;
  private final @Nullable Vocabulary from;

  /** The place of an event in its specifier. */
  enum Role {
    ALONE,
    FIRST_OF_PAIR,
    SECOND_OF_PAIR
  }

  private Vocabulary(
      ProbeType probeType,
      List<Parameter> parameters,
      boolean hasPrototype,
      Role role,
      @Nullable Vocabulary from) {
    this.probeType = probeType;
    this.parameters = parameters;
    this.hasPrototype = hasPrototype;
    this.role = role;
    this.from = from;
  }

  /**
   * @param hasPrototype whether the machine may know more parameters than the signature names
   */
  static Vocabulary alone(ProbeType probeType, List<Parameter> parameters, boolean hasPrototype) {
    return new Vocabulary(probeType, parameters, hasPrototype, Role.ALONE, null);
  }

  /** Returns the names at the first event of a pair, if this one is it. */
  Vocabulary asFirst() {
    return new Vocabulary(probeType, parameters, hasPrototype, Role.FIRST_OF_PAIR, null);
  }

  /** Returns the names at the second event of a pair. */
  Vocabulary asSecondAfter(Vocabulary first) {
    return new Vocabulary(probeType, parameters, hasPrototype, Role.SECOND_OF_PAIR, first);
  }

  /** Returns the names at the first event, if this is the second one of a pair; else null. */
  @Nullable Vocabulary from() {
    return from;
  }

  /** All that begins with $, what is known at returns first. */
  static List<String> keywords() {
    Stream<String> functions = Stream.of(BuiltinFunction.values()).map(BuiltinFunction::text);
    return Stream.of(values(true), functions, values(false))
        .flatMap(words -> words)
        .filter(word -> word.startsWith("$"))
        .toList();
  }

  private static Stream<String> values(boolean atReturn) {
    return Stream.of(BuiltinValue.values())
        .filter(value -> value.atReturn() == atReturn)
        .map(BuiltinValue::text);
  }

  /** All that can be called, for people. */
  static String functions() {
    List<String> names = Stream.of(BuiltinFunction.values()).map(BuiltinFunction::text).toList();
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }

  Expression name(String name, Span span, Cursor cursor) throws SpecifierException {
    if (name.matches("arg[0-9]+") && !isParameter(name)) {
      return usdtArgument(name, span, cursor);
    }
    if (isParameter(name)) {
      if (probeType == ProbeType.RETURN) {
        return atReturn(name, span, cursor);
      }
      return new Expression.Name(name, span);
    }
    if (role == Role.FIRST_OF_PAIR && hasPrototype && probeType == ProbeType.RETURN) {
      return new Expression.EntryValue(name, span, span);
    }
    if (name.matches("[A-Z_][A-Z0-9_]*") || (hasPrototype && probeType == ProbeType.ENTRY)) {
      return new Expression.Name(name, span);
    }
    if (from != null && from.isParameter(name)) {
      throw cursor.error(
          span,
          "\"" + name + "\" is a parameter of the first event",
          "$entry(" + name + ") is what it was there");
    }
    String hint = OtherWords.value(name);
    if (probeType == ProbeType.USDT && hint == null) {
      // The machine may know it as the name of an argument.
      return new Expression.Name(name, span);
    }
    List<String> near = Similar.nearest(name, names(), 3);
    if (hint != null && probeType == ProbeType.TRACEPOINT && hint.startsWith("did you mean")) {
      hint = "a tracepoint's field is written args->" + name;
    } else if (hint != null && probeType == ProbeType.TRACEPOINT && !name.equals("errno")) {
      hint += "; a tracepoint's field is written args->" + name;
    } else if (hint != null) {
      throw cursor.error(span, "unknown name \"" + name + "\"", hint);
    } else if (!near.isEmpty()) {
      hint = "did you mean " + String.join(", ", near) + "?";
    } else {
      hint =
          switch (probeType) {
            case ENTRY ->
                isTypeInSignature(name)
                    ? "the signature has \"" + name + "\" as a type: write int " + name
                    : atItsPlace(name);
            case RETURN ->
                hasPrototype ? "a parameter's value at entry is $entry(" + name + ")" : null;
            case TRACEPOINT ->
                "a tracepoint's field is written args->" + (name.equals("args") ? "FIELD" : name);
            case USDT -> null; // any other name may be an argument's
          };
    }
    throw cursor.error(span, "unknown name \"" + name + "\"", hint);
  }

  /** The first event of a pair remembers the parameters of its call. */
  private Expression atReturn(String name, Span span, Cursor cursor) throws SpecifierException {
    return switch (role) {
      case FIRST_OF_PAIR -> new Expression.EntryValue(name, span, span);
      case ALONE ->
          throw cursor.error(
              span,
              "\"" + name + "\" is gone when the function returns",
              "use $entry(" + name + "), its value at entry");
      case SECOND_OF_PAIR ->
          throw cursor.error(
              span,
              "\"" + name + "\" is gone when the function returns",
              "$entry(EXPRESSION) is a value of the first event; this one has $retval");
    };
  }

  private boolean isTypeInSignature(String name) {
    return parameters.stream()
        .anyMatch(one -> one.name().isEmpty() && one.type().base().equals(name));
  }

  /** The place in the signature decides what is read, not the name. */
  private static String atItsPlace(String name) {
    return "a parameter is named at its place in the signature: function(int first, int "
        + name
        + ") if it is the second";
  }

  private Expression usdtArgument(String name, Span span, Cursor cursor) throws SpecifierException {
    if (probeType != ProbeType.USDT) {
      throw cursor.error(
          span,
          "only USDT probes (u) have " + name,
          probeType.isOfFunction()
              ? "the signature names the parameters: function(int fd, void *buffer)"
              : "a tracepoint's fields are written args->NAME");
    }
    String digits = name.substring("arg".length());
    if (digits.length() > 2 || digits.startsWith("0")) {
      throw cursor.error(span, "there is no " + name, "arguments count from arg1 to arg99");
    }
    return new Expression.UsdtArgument(Integer.parseInt(digits), span);
  }

  void check(Expression.TracepointField field, Cursor cursor) throws SpecifierException {
    if (probeType != ProbeType.TRACEPOINT) {
      throw cursor.error(
          field.span(),
          "only tracepoints (t) have args->",
          probeType.isOfFunction()
              ? "the signature names the parameters: function(int fd, void *buffer)"
              : "use arg1, arg2, ...");
    }
  }

  void check(BuiltinValue value, Span span, Cursor cursor) throws SpecifierException {
    if (value == BuiltinValue.LATENCY && role != Role.ALONE) {
      if (role == Role.FIRST_OF_PAIR) {
        throw cursor.error(
            span,
            "$latency is not known before the second event",
            "use it in the expressions or the filter");
      }
      return;
    }
    if (value.atReturn() && probeType != ProbeType.RETURN) {
      throw cursor.error(
          span, value.text() + " is known only when a function returns", "use an r: probe");
    }
  }

  void check(Expression.EntryValue entry, Cursor cursor) throws SpecifierException {
    if (probeType != ProbeType.RETURN) {
      if (role == Role.FIRST_OF_PAIR) {
        throw cursor.error(
            entry.span(),
            "$entry is what was known at the first event, and this is the first event",
            "use " + entry.parameter() + " itself");
      }
      throw cursor.error(
          entry.span(),
          "$entry belongs to r: probes and to pairs",
          "use " + entry.parameter() + " itself");
    }
    if (!hasPrototype && !isParameter(entry.parameter())) {
      List<String> near = Similar.nearest(entry.parameter(), names(), 3);
      throw cursor.error(
          entry.nameSpan(),
          "the signature has no parameter \"" + entry.parameter() + "\"",
          near.isEmpty()
              ? atItsPlace(entry.parameter())
              : "did you mean " + String.join(", ", near) + "?");
    }
  }

  /**
   * Returns whether the signature has a parameter of this name, and the kind of probe has
   * parameters.
   */
  boolean isParameter(String name) {
    return names().contains(name);
  }

  private List<String> names() {
    if (!probeType.isOfFunction()) {
      return List.of();
    }
    return parameters.stream().map(Parameter::name).filter(name -> !name.isEmpty()).toList();
  }
}
