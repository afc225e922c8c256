/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.BuiltinValue;
import java.util.List;
import java.util.stream.Stream;

/** The names that an expression may use, by the kind of probe and its signature. */
final class Vocabulary {
  private final ProbeType probeType;
  private final List<Parameter> parameters;
  private final boolean hasPrototype;

  /**
   * @param hasPrototype whether the machine may know more parameters than the signature names
   */
  Vocabulary(ProbeType probeType, List<Parameter> parameters, boolean hasPrototype) {
    this.probeType = probeType;
    this.parameters = parameters;
    this.hasPrototype = hasPrototype;
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
        throw cursor.error(
            span,
            "\"" + name + "\" is gone when the function returns",
            "use $entry(" + name + "), its value at entry");
      }
      return new Expression.Name(name, span);
    }
    if (name.matches("[A-Z_][A-Z0-9_]*") || (hasPrototype && probeType == ProbeType.ENTRY)) {
      return new Expression.Name(name, span);
    }
    List<String> near = Similar.nearest(name, names(), 3);
    String hint = OtherWords.value(name);
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
            case USDT -> "a USDT probe's arguments are arg1, arg2, ...";
          };
    }
    throw cursor.error(span, "unknown name \"" + name + "\"", hint);
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
    if (value.atReturn() && probeType != ProbeType.RETURN) {
      throw cursor.error(
          span, value.text() + " is known only when a function returns", "use an r: probe");
    }
  }

  void check(Expression.EntryValue entry, Cursor cursor) throws SpecifierException {
    if (probeType != ProbeType.RETURN) {
      throw cursor.error(
          entry.span(), "$entry belongs to r: probes", "use " + entry.parameter() + " itself");
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
