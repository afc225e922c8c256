/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.UnaryOperator;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Specifiers and expressions as text again, in one canonical spelling: parsing it gives the same
 * tree, spans and remembered source text aside. It can be longer than what was written.
 *
 * <p>Parentheses stand only where the tree needs them.
 */
public final class SpecifierPrinter {
  private static final int CONDITIONAL = 0;
  private static final int UNARY = 11;
  private static final int POSTFIX = 12;

  private SpecifierPrinter() {}

  /** Returns the whole specifier, its label included. */
  public static String print(Specifier specifier) {
    StringBuilder text =
        new StringBuilder(
            specifier.events().stream()
                .map(SpecifierPrinter::event)
                .collect(Collectors.joining("..")));
    if (!specifier.values().isEmpty()) {
      text.append(
          specifier.values().stream()
              .map(value -> type(value.type()))
              .collect(Collectors.joining(",", ":", "")));
      text.append(
          specifier.values().stream()
              .map(value -> print(value.expression()))
              .collect(Collectors.joining(",", ":", "")));
    }
    Expression filter = specifier.filter();
    if (filter != null) {
      text.append(':').append(print(filter));
    }
    return specifier.label() == null
        ? text.toString()
        : text.append('#').append(specifier.label()).toString();
  }

  private static String event(Event event) {
    StringBuilder text = new StringBuilder(event.point().text());
    text.append(
        event.parameters().stream()
            .map(SpecifierPrinter::parameter)
            .collect(Collectors.joining(", ", "(", ")")));
    Expression condition = event.condition();
    if (condition != null) {
      text.append(" if ").append(print(condition));
    }
    if (!event.on().isEmpty()) {
      text.append(
          event.on().stream()
              .map(SpecifierPrinter::print)
              .collect(Collectors.joining(", ", " on ", "")));
    }
    return text.toString();
  }

  public static String print(Expression expression) {
    return print(expression, CONDITIONAL);
  }

  private static String parameter(Parameter parameter) {
    String type = type(parameter.type());
    if (parameter.name().isEmpty()) {
      return type;
    }
    return type + (type.endsWith("*") ? "" : " ") + parameter.name();
  }

  private static String type(TypeName type) {
    String stars = "*".repeat(type.pointers());
    return type.base() + (type.user() ? " __user" : "") + (stars.isEmpty() ? "" : " " + stars);
  }

  /**
   * @param minimum how tight what is printed must bind, to need no parentheses
   */
  private static String print(Expression expression, int minimum) {
    Spelling spelling = expression.accept(new Speller());
    return spelling.precedence < minimum ? "(" + spelling.text + ")" : spelling.text;
  }

  /**
   * @param precedence how tight it binds
   */
  private record Spelling(String text, int precedence) {}

  private static final class Speller implements Expression.Visitor<Spelling, RuntimeException> {
    @Override
    public Spelling literal(Expression.Literal literal) {
      return postfix(
          (literal.decimal() ? literal.value().toString() : "0x" + literal.value().toString(16))
              + (literal.unsigned() ? "U" : "")
              + (literal.isLong() ? "L" : ""));
    }

    @Override
    public Spelling name(Expression.Name name) {
      return postfix(name.name());
    }

    @Override
    public Spelling builtin(Expression.Builtin builtin) {
      return postfix(builtin.value().text());
    }

    @Override
    public Spelling entryValue(Expression.EntryValue entry) {
      return call(BuiltinFunction.ENTRY, entry.parameter());
    }

    @Override
    public Spelling kept(Expression.Kept kept) {
      return call(BuiltinFunction.ENTRY, print(kept.value()));
    }

    @Override
    public Spelling usdtArgument(Expression.UsdtArgument argument) {
      return postfix("arg" + argument.number());
    }

    @Override
    public Spelling tracepointField(Expression.TracepointField field) {
      return postfix("args->" + field.field());
    }

    @Override
    public Spelling unary(Expression.Unary unary) {
      String operand = print(unary.operand(), UNARY);
      // "--" would be another operator.
      boolean sign =
          unary.operator() == UnaryOperator.MINUS || unary.operator() == UnaryOperator.PLUS;
      boolean apart = sign && operand.startsWith(unary.operator().text());
      return new Spelling(unary.operator().text() + (apart ? " " : "") + operand, UNARY);
    }

    @Override
    public Spelling binary(Expression.Binary binary) {
      BinaryOperator operator = binary.operator();
      int precedence = operator.precedence();
      return new Spelling(
          print(binary.left(), precedence)
              + " "
              + operator.text()
              + " "
              + print(binary.right(), precedence + 1),
          precedence);
    }

    @Override
    public Spelling conditional(Expression.Conditional conditional) {
      return new Spelling(
          print(conditional.condition(), CONDITIONAL + 1)
              + " ? "
              + print(conditional.whenTrue())
              + " : "
              + print(conditional.whenFalse()),
          CONDITIONAL);
    }

    @Override
    public Spelling member(Expression.Member member) {
      return postfix(
          print(member.object(), POSTFIX) + (member.arrow() ? "->" : ".") + member.member());
    }

    @Override
    public Spelling index(Expression.Index index) {
      return postfix(print(index.array(), POSTFIX) + "[" + index.index() + "]");
    }

    @Override
    public Spelling cast(Expression.Cast cast) {
      return new Spelling("(" + type(cast.type()) + ")" + print(cast.operand(), UNARY), UNARY);
    }

    @Override
    public Spelling sizeOf(Expression.SizeOf sizeOf) {
      return call(BuiltinFunction.SIZEOF, type(sizeOf.type()));
    }

    @Override
    public Spelling stringMatch(Expression.StringMatch match) {
      return call(match.match().function(), quote(match.text()) + ", " + print(match.pointer()));
    }

    @Override
    public Spelling hostOrder(Expression.HostOrder number) {
      return call(number.function(), print(number.number()));
    }

    @Override
    public Spelling explained(Expression.Explained key) {
      return call(key.explanation().function(), print(key.value()));
    }

    private static Spelling call(BuiltinFunction function, String arguments) {
      return postfix(function.text() + "(" + arguments + ")");
    }

    private static Spelling postfix(String text) {
      return new Spelling(text, POSTFIX);
    }
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        quoted.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
