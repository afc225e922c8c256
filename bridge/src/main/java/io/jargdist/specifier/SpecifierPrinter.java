/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BinaryOperator;
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

  /** The whole specifier, its label included. */
  public static String print(Specifier specifier) {
    StringBuilder text = new StringBuilder(point(specifier.point()));
    text.append(
        specifier.parameters().stream()
            .map(SpecifierPrinter::parameter)
            .collect(Collectors.joining(", ", "(", ")")));
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

  public static String print(Expression expression) {
    return print(expression, CONDITIONAL);
  }

  private static String point(ProbePoint point) {
    if (point instanceof ProbePoint.UserFunction function) {
      return (function.atReturn() ? "r:" : "p:")
          + function.library()
          + ':'
          + function.function()
          + (function.version() == null ? "" : '@' + function.version());
    } else if (point instanceof ProbePoint.KernelFunction function) {
      return (function.atReturn() ? "r::" : "p::") + function.function();
    } else if (point instanceof ProbePoint.Tracepoint tracepoint) {
      return "t:" + tracepoint.category() + ':' + tracepoint.event();
    }
    ProbePoint.Usdt usdt = (ProbePoint.Usdt) point;
    return "u:"
        + (usdt.library() == null ? "" : usdt.library())
        + ':'
        + (usdt.provider() == null ? "" : usdt.provider() + '.')
        + usdt.probe();
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
    int precedence = precedence(expression);
    String text = bare(expression, precedence);
    return precedence < minimum ? "(" + text + ")" : text;
  }

  private static int precedence(Expression expression) {
    if (expression instanceof Expression.Conditional) {
      return CONDITIONAL;
    } else if (expression instanceof Expression.Binary binary) {
      return binary.operator().precedence();
    }
    boolean unary = expression instanceof Expression.Unary || expression instanceof Expression.Cast;
    return unary ? UNARY : POSTFIX;
  }

  private static String bare(Expression expression, int precedence) {
    if (expression instanceof Expression.Literal literal) {
      return (literal.decimal() ? literal.value().toString() : "0x" + literal.value().toString(16))
          + (literal.unsigned() ? "U" : "")
          + (literal.isLong() ? "L" : "");
    } else if (expression instanceof Expression.Name name) {
      return name.name();
    } else if (expression instanceof Expression.Builtin builtin) {
      return builtin.value().text();
    } else if (expression instanceof Expression.EntryValue entry) {
      return "$entry(" + entry.parameter() + ")";
    } else if (expression instanceof Expression.UsdtArgument argument) {
      return "arg" + argument.number();
    } else if (expression instanceof Expression.TracepointField field) {
      return "args->" + field.field();
    } else if (expression instanceof Expression.Unary unary) {
      String operand = print(unary.operand(), UNARY);
      // "--" would be another operator.
      boolean sign =
          unary.operator() == UnaryOperator.MINUS || unary.operator() == UnaryOperator.PLUS;
      boolean apart = sign && operand.startsWith(unary.operator().text());
      return unary.operator().text() + (apart ? " " : "") + operand;
    } else if (expression instanceof Expression.Binary binary) {
      BinaryOperator operator = binary.operator();
      return print(binary.left(), precedence)
          + " "
          + operator.text()
          + " "
          + print(binary.right(), precedence + 1);
    } else if (expression instanceof Expression.Conditional conditional) {
      return print(conditional.condition(), CONDITIONAL + 1)
          + " ? "
          + print(conditional.whenTrue())
          + " : "
          + print(conditional.whenFalse());
    } else if (expression instanceof Expression.Member member) {
      return print(member.object(), POSTFIX) + (member.arrow() ? "->" : ".") + member.member();
    } else if (expression instanceof Expression.Index index) {
      return print(index.array(), POSTFIX) + "[" + index.index() + "]";
    } else if (expression instanceof Expression.Cast cast) {
      return "(" + type(cast.type()) + ")" + print(cast.operand(), UNARY);
    } else if (expression instanceof Expression.SizeOf sizeOf) {
      return "sizeof(" + type(sizeOf.type()) + ")";
    }
    Expression.StringMatch match = (Expression.StringMatch) expression;
    return (match.exact() ? "STREQ(" : "STRCMP(")
        + quote(match.text())
        + ", "
        + print(match.pointer())
        + ")";
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
