/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.typing.CType;
import io.jargdist.typing.IntegerRules;
import io.jargdist.typing.Types;
import java.math.BigInteger;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * C's operators on values, with C's types; where C leaves the result open, with one that is the
 * same everywhere. Division and modulo become calls of our own functions: LLVM's BPF back-end
 * aborts on signed ones, and what is divided by zero is 0.
 */
final class Arithmetic {
  /** Makes the diagnostic of a place in the specifier. */
  interface Refusals {
    SpecifierException error(Span span, String reason, @Nullable String hint);
  }

  private final Refusals refusals;

  Arithmetic(Refusals refusals) {
    this.refusals = refusals;
  }

  /**
   * @param unary not a dereference
   */
  Operand unary(Expression.Unary unary, Scalar operand) throws SpecifierException {
    // The blank keeps "- -x" two operators.
    String sign = unary.operator().text() + " ";
    return switch (unary.operator()) {
      case NOT -> number("(!" + operand.c() + ")", CType.S32);
      case MINUS -> {
        CType.Int type = promoted(unary, operand);
        yield wrapping(type, sign + unsigned(type, operand.c()));
      }
      case COMPLEMENT, PLUS -> number("(" + sign + operand.c() + ")", promoted(unary, operand));
      case DEREFERENCE -> throw new IllegalArgumentException("it is no arithmetic: " + unary);
    };
  }

  private CType.Int promoted(Expression.Unary unary, Scalar operand) throws SpecifierException {
    return IntegerRules.promote(integer(operand, unary.operand().span()));
  }

  Operand binary(Expression.Binary binary, Scalar left, Scalar right) throws SpecifierException {
    return switch (binary.operator()) {
      case LOGICAL_AND, LOGICAL_OR, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL ->
          plain(binary, left, right, CType.S32);
      case SHIFT_LEFT, SHIFT_RIGHT -> shift(binary, left, right);
      case DIVIDE, MODULO -> divide(binary, left, right);
      case ADD, SUBTRACT ->
          left.type() instanceof CType.Pointer || right.type() instanceof CType.Pointer
              ? move(binary, left, right)
              : wrapping(binary, left, right);
      case MULTIPLY -> wrapping(binary, left, right);
      case AND, XOR, OR -> plain(binary, left, right, common(binary, left, right));
    };
  }

  private static Operand plain(
      Expression.Binary binary, Scalar left, Scalar right, CType.Int type) {
    return number("(" + left.c() + " " + binary.operator().text() + " " + right.c() + ")", type);
  }

  private CType.Int common(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    return IntegerRules.common(
        integer(left, binary.left().span()), integer(right, binary.right().span()));
  }

  private Operand divide(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    if (isNull(binary.right())) {
      throw refusals.error(
          binary.right().span(), "division by zero", "what is divided by 0 in the kernel is 0");
    }
    CType.Int type = common(binary, left, right);
    String function =
        (type.signed() ? "signed_" : "unsigned_")
            + (binary.operator() == BinaryOperator.DIVIDE ? "divide" : "modulo");
    String name = Types.cName(type);
    return number(
        String.format(
            Locale.ROOT,
            "((%s)%s((%s)%s, (%s)%s))",
            name,
            function,
            name,
            left.c(),
            name,
            right.c()),
        type);
  }

  private Operand wrapping(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    CType.Int type = common(binary, left, right);
    String operator = " " + binary.operator().text() + " ";
    return wrapping(type, unsigned(type, left.c()) + operator + unsigned(type, right.c()));
  }

  /**
   * C leaves open what an overflow of signed numbers gives, and a compiler may build on there being
   * none: they wrap around here, as the processor's do.
   *
   * @param c calculates with {@link #unsigned} operands
   */
  private static Operand wrapping(CType.Int type, String c) {
    return number(type.signed() ? "((" + Types.cName(type) + ")(" + c + "))" : "(" + c + ")", type);
  }

  private static String unsigned(CType.Int type, String c) {
    return type.signed() ? "(u" + type.size() * 8 + ")" + c : c;
  }

  /** By the count modulo the width, as the processors do where C leaves it open. */
  private Operand shift(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    CType.Int type = IntegerRules.promote(integer(left, binary.left().span()));
    integer(right, binary.right().span());
    int width = type.size() * 8;
    String by = "(" + right.c() + " & " + (width - 1) + ")";
    if (binary.right() instanceof Expression.Literal literal) {
      if (literal.value().compareTo(BigInteger.valueOf(width)) >= 0) {
        throw refusals.error(
            binary.right().span(),
            "a " + width + "-bit value cannot be shifted that far",
            width == 32 ? "cast it to u64" : null);
      }
      by = right.c();
    }
    return binary.operator() == BinaryOperator.SHIFT_LEFT
        ? wrapping(type, unsigned(type, left.c()) + " << " + by)
        : number("(" + left.c() + " >> " + by + ")", type);
  }

  /** Pointer and number, number and pointer, or the distance of two pointers, in elements. */
  private Operand move(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    CType.Int leftNumber = integer(left, binary.left().span());
    CType.Int rightNumber = integer(right, binary.right().span());
    boolean subtract = binary.operator() == BinaryOperator.SUBTRACT;
    if (left.type() instanceof CType.Pointer a && right.type() instanceof CType.Pointer) {
      if (!subtract) {
        throw refusals.error(binary.operatorSpan(), "two pointers cannot be added", null);
      }
      int size = Math.max(1, a.target().size());
      return number(
          "signed_divide((s64)(" + left.c() + " - " + right.c() + "), " + size + ")", CType.S64);
    }
    boolean pointerLeft = left.type() instanceof CType.Pointer;
    if (!pointerLeft && subtract) {
      throw refusals.error(
          binary.operatorSpan(), "a pointer cannot be subtracted from a number", "cast it to u64");
    }
    Scalar pointer = pointerLeft ? left : right;
    Scalar steps = pointerLeft ? right : left;
    CType.Int number = pointerLeft ? rightNumber : leftNumber;
    int size = Math.max(1, ((CType.Pointer) pointer.type()).target().size());
    String distance = size + " * (u64)" + (number.signed() ? "(s64)" : "") + steps.c();
    return new Scalar(
        "(" + pointer.c() + (subtract ? " - " : " + ") + distance + ")",
        pointer.type(),
        pointer.space());
  }

  /** {@code condition ? whenTrue : whenFalse}; a 0 takes the other's type. */
  static Operand conditional(
      Expression.Conditional conditional, Scalar condition, Scalar whenTrue, Scalar whenFalse) {
    String c = "(" + condition.c() + " ? " + whenTrue.c() + " : " + whenFalse.c() + ")";
    if (whenTrue.type() instanceof CType.Int a && whenFalse.type() instanceof CType.Int b) {
      return number(c, IntegerRules.common(a, b));
    }
    if (isNull(conditional.whenFalse())) {
      return new Scalar(c, whenTrue.type(), whenTrue.space());
    } else if (isNull(conditional.whenTrue())) {
      return new Scalar(c, whenFalse.type(), whenFalse.space());
    }
    if (isSameArray(whenTrue, whenFalse)) {
      return new Scalar(c, whenTrue.type(), Space.RECORD);
    }
    boolean same =
        whenTrue.type().equals(whenFalse.type()) && whenTrue.space() == whenFalse.space();
    return same ? new Scalar(c, whenTrue.type(), whenTrue.space()) : number(c, CType.U64);
  }

  /** Whether both are arrays in a tracepoint's record, of elements of one size. */
  static boolean isSameArray(Scalar one, Scalar other) {
    return one.space() == Space.RECORD
        && other.space() == Space.RECORD
        && elementSize(one) == elementSize(other);
  }

  private static int elementSize(Scalar pointer) {
    return pointer.type() instanceof CType.Pointer type ? type.target().size() : 0;
  }

  static boolean isNull(Expression expression) {
    return expression instanceof Expression.Literal literal && literal.value().signum() == 0;
  }

  private CType.Int integer(Scalar scalar, Span span) throws SpecifierException {
    if (scalar.type() instanceof CType.Int integer) {
      return integer;
    }
    if (scalar.space() == Space.USER) {
      return CType.U64;
    }
    throw refusals.error(
        span,
        "a kernel pointer cannot be calculated with",
        "compare it, or read what it points to");
  }

  /** A literal of C. */
  static String literal(long value, CType.Int type) {
    String suffix = (type.signed() ? "" : "U") + (type.size() == 8 ? "LL" : "");
    if (value == Long.MIN_VALUE && type.signed()) {
      return "(-9223372036854775807LL - 1)";
    } else if (value < 0 && type.signed()) {
      return "(" + value + suffix + ")";
    }
    return Long.toUnsignedString(value) + suffix;
  }

  static Scalar number(String c, CType.Int type) {
    return new Scalar(c, type, Space.NONE);
  }
}
