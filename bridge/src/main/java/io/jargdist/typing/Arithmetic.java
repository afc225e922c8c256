/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.typing.Operand.Scalar;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Knows which operands C's operators take, and which types they give. */
final class Arithmetic {
  /** Makes a diagnostic for a place in the specifier. */
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
  Scalar unary(Expression.Unary unary, Scalar operand) throws SpecifierException {
    CType.Int type =
        unary.operator() == Expression.UnaryOperator.NOT
            ? CType.S32
            : IntegerRules.promote(integer(operand, unary.operand().span()));
    return Scalar.number(new TypedValue.Unary(unary.operator(), operand.value(), type));
  }

  Scalar binary(Expression.Binary binary, Scalar left, Scalar right) throws SpecifierException {
    return switch (binary.operator()) {
      case LOGICAL_AND, LOGICAL_OR, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL ->
          typed(binary, left, right, CType.S32);
      case SHIFT_LEFT, SHIFT_RIGHT -> shift(binary, left, right);
      case DIVIDE, MODULO -> divide(binary, left, right);
      case ADD, SUBTRACT ->
          left.type() instanceof CType.Pointer || right.type() instanceof CType.Pointer
              ? move(binary, left, right)
              : typed(binary, left, right, common(binary, left, right));
      case MULTIPLY, AND, XOR, OR -> typed(binary, left, right, common(binary, left, right));
    };
  }

  private static Scalar typed(Expression.Binary binary, Scalar left, Scalar right, CType.Int type) {
    return Scalar.number(
        new TypedValue.Binary(binary.operator(), left.value(), right.value(), type));
  }

  private CType.Int common(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    return IntegerRules.common(
        integer(left, binary.left().span()), integer(right, binary.right().span()));
  }

  private Scalar divide(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    if (isNull(binary.right())) {
      throw refusals.error(
          binary.right().span(), "division by zero", "what is divided by 0 in the kernel is 0");
    }
    return typed(binary, left, right, common(binary, left, right));
  }

  /**
   * Shifts by the count modulo the width. C leaves counts beyond the width open; the processors do
   * this.
   */
  private Scalar shift(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    CType.Int type = IntegerRules.promote(integer(left, binary.left().span()));
    CType.Int countType = IntegerRules.promote(integer(right, binary.right().span()));
    int width = type.size() * 8;
    if (!(binary.right() instanceof Expression.Literal literal)) {
      TypedValue most = new TypedValue.Constant(width - 1, CType.S32);
      TypedValue count = new TypedValue.Binary(BinaryOperator.AND, right.value(), most, countType);
      return typed(binary, left, Scalar.number(count), type);
    }
    if (literal.value().compareTo(BigInteger.valueOf(width)) >= 0) {
      throw refusals.error(
          binary.right().span(),
          "a " + width + "-bit value cannot be shifted that far",
          width == 32 ? "cast it to u64" : null);
    }
    return typed(binary, left, right, type);
  }

  /**
   * Adds or subtracts a pointer and a number, or subtracts two pointers. Numbers count elements.
   */
  private Scalar move(Expression.Binary binary, Scalar left, Scalar right)
      throws SpecifierException {
    integer(left, binary.left().span());
    integer(right, binary.right().span());
    boolean subtract = binary.operator() == BinaryOperator.SUBTRACT;
    if (!(left.type() instanceof CType.Pointer a)) {
      if (subtract) {
        throw refusals.error(
            binary.operatorSpan(),
            "a pointer cannot be subtracted from a number",
            "cast it to u64");
      }
      return moved(right, (CType.Pointer) right.type(), false, left);
    }
    if (!(right.type() instanceof CType.Pointer)) {
      return moved(left, a, subtract, right);
    }
    if (!subtract) {
      throw refusals.error(binary.operatorSpan(), "two pointers cannot be added", null);
    }
    return Scalar.number(
        new TypedValue.PointerDistance(
            left.value(), right.value(), Math.max(1, a.target().size())));
  }

  private static Scalar moved(Scalar pointer, CType.Pointer type, boolean back, Scalar steps) {
    return new Scalar(
        new TypedValue.PointerMove(pointer.value(), back, steps.value(), type), pointer.space());
  }

  /**
   * Types {@code condition ? whenTrue : whenFalse}. A literal 0 takes the type of the other branch.
   */
  static Scalar conditional(
      Expression.Conditional conditional, Scalar condition, Scalar whenTrue, Scalar whenFalse) {
    CType type = CType.U64;
    Space space = Space.NONE;
    if (whenTrue.type() instanceof CType.Int a && whenFalse.type() instanceof CType.Int b) {
      type = IntegerRules.common(a, b);
    } else if (isNull(conditional.whenFalse())) {
      type = whenTrue.type();
      space = whenTrue.space();
    } else if (isNull(conditional.whenTrue())) {
      type = whenFalse.type();
      space = whenFalse.space();
    } else if (isSameArray(whenTrue, whenFalse)
        || (whenTrue.type().equals(whenFalse.type()) && whenTrue.space() == whenFalse.space())) {
      type = whenTrue.type();
      space = whenTrue.space();
    }
    return new Scalar(
        new TypedValue.Conditional(condition.value(), whenTrue.value(), whenFalse.value(), type),
        space);
  }

  /** Returns whether both are arrays in a tracepoint's record whose elements have the same size. */
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

  /** Returns the integer type that calculations with a value use. */
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
}
