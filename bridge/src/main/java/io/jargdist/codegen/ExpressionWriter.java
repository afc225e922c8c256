/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Place;
import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.SpecifierException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes expressions as C, typed as C types them.
 *
 * <p>Every number that is written is ours or a literal that was parsed; every name is ours. Memory
 * is read only through {@code READ}, which sets {@code failed} when it cannot. Division and modulo
 * become calls of our own functions: LLVM's BPF back-end aborts on signed ones, and C leaves open
 * what a division by zero gives; here it is 0.
 *
 * <p>One writer serves one program.
 */
final class ExpressionWriter {
  private final String specifier;
  private final String field;
  private final ProbeValues values;
  private final Types types;
  private final StringMatches matches;

  /**
   * @param field what diagnostics call the text that is being written
   */
  ExpressionWriter(
      String specifier, String field, ProbeValues values, Types types, StringMatches matches) {
    this.specifier = specifier;
    this.field = field;
    this.values = values;
    this.types = types;
    this.matches = matches;
  }

  /** A value that can be calculated with: memory is read, arrays become pointers. */
  Scalar scalar(Expression expression) throws SpecifierException {
    return load(operand(expression), expression.span());
  }

  /** The address of text: a pointer, an array, or an unchanged value of the probe. */
  Scalar address(Expression expression) throws SpecifierException {
    Scalar value = scalar(expression);
    if (value.space() == Space.NONE) {
      throw error(
          expression.span(),
          "this number is not an address that may be read",
          "use a parameter, an argument or a return value as it is");
    }
    return value;
  }

  Operand operand(Expression expression) throws SpecifierException {
    if (expression instanceof Expression.Literal literal) {
      CType.Int type = IntegerRules.typeOf(literal);
      String suffix = (type.signed() ? "" : "U") + (type.size() == 8 ? "LL" : "");
      return number(literal.value() + suffix, type);
    } else if (expression instanceof Expression.Name name) {
      return name(name);
    } else if (expression instanceof Expression.Builtin builtin) {
      return builtin(builtin);
    } else if (expression instanceof Expression.EntryValue entry) {
      return found(values.entryValue(entry.parameter()), entry.nameSpan(), entry.parameter());
    } else if (expression instanceof Expression.UsdtArgument argument) {
      return usdtArgument(argument);
    } else if (expression instanceof Expression.TracepointField tracepoint) {
      return found(
          values.tracepointField(tracepoint.field()), tracepoint.fieldSpan(), tracepoint.field());
    } else if (expression instanceof Expression.Unary unary) {
      return unary(unary);
    } else if (expression instanceof Expression.Binary binary) {
      return binary(binary);
    } else if (expression instanceof Expression.Conditional conditional) {
      return conditional(conditional);
    } else if (expression instanceof Expression.Member member) {
      return member(member);
    } else if (expression instanceof Expression.Index index) {
      return index(index);
    } else if (expression instanceof Expression.Cast cast) {
      return cast(cast);
    } else if (expression instanceof Expression.SizeOf sizeOf) {
      CType type = types.resolve(sizeOf.type());
      if (type == null || Types.sizeOf(type) == 0) {
        throw error(sizeOf.type().span(), "the size of this type is not known", null);
      }
      return number(Types.sizeOf(type) + "ULL", CType.U64);
    }
    return matches.write((Expression.StringMatch) expression, this);
  }

  private Operand name(Expression.Name name) throws SpecifierException {
    Operand parameter = values.parameter(name.name());
    if (parameter != null) {
      return parameter;
    }
    Long constant = types.source().constant(name.name());
    if (constant != null) {
      return number("(" + constant + "LL)", CType.S64);
    }
    throw unknown(
        name.span(),
        "\"" + name.name() + "\" is neither a known parameter nor a known constant",
        name.name());
  }

  private Operand builtin(Expression.Builtin builtin) throws SpecifierException {
    return switch (builtin.value()) {
      case RETVAL -> found(values.returnValue(), builtin.span(), builtin.value().text());
      case LATENCY -> found(values.latency(), builtin.span(), builtin.value().text());
      case PID, KERNEL_TGID -> number("((u32)(id >> 32))", CType.U32);
      case TID, KERNEL_PID -> number("((u32)id)", CType.U32);
      case COMM ->
          throw error(
              builtin.span(),
              "$COMM is text",
              "use it alone as a char* expression, or in STRCMP or STREQ");
    };
  }

  private Operand usdtArgument(Expression.UsdtArgument argument) throws SpecifierException {
    Operand value = values.usdtArgument(argument.number());
    if (value == null) {
      List<String> names = values.names();
      String has =
          names.isEmpty()
              ? "this probe has no arguments"
              : "this probe's arguments are " + String.join(", ", names);
      throw error(argument.span(), "there is no arg" + argument.number() + " here", has);
    }
    return value;
  }

  private Operand unary(Expression.Unary unary) throws SpecifierException {
    if (unary.operator() == Expression.UnaryOperator.DEREFERENCE) {
      return pointedTo(scalar(unary.operand()), unary.operand().span(), 0);
    }
    Scalar operand = scalar(unary.operand());
    if (unary.operator() == Expression.UnaryOperator.NOT) {
      return number("(!" + operand.c() + ")", CType.S32);
    }
    CType.Int type = IntegerRules.promote(integer(operand, unary.span()));
    // The blank keeps "- -x" two operators.
    return number("(" + unary.operator().text() + " " + operand.c() + ")", type);
  }

  private Operand binary(Expression.Binary binary) throws SpecifierException {
    BinaryOperator operator = binary.operator();
    Scalar left = scalar(binary.left());
    Scalar right = scalar(binary.right());
    String c = "(" + left.c() + " " + operator.text() + " " + right.c() + ")";
    switch (operator) {
      case LOGICAL_AND, LOGICAL_OR, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL -> {
        return number(c, CType.S32);
      }
      case ADD, SUBTRACT -> {
        if (left.type() instanceof CType.Pointer pointer && left.space() == Space.USER) {
          int size = Types.sizeOf(pointer.target());
          CType.Int step = integer(right, binary.right().span());
          String moved = "(" + left.c() + " " + operator.text() + " " + Math.max(1, size) + " * ";
          return new Scalar(
              moved + "(u64)" + (step.signed() ? "(s64)" : "") + right.c() + ")",
              pointer,
              Space.USER);
        }
      }
      case SHIFT_LEFT, SHIFT_RIGHT -> {
        CType.Int type = IntegerRules.promote(integer(left, binary.left().span()));
        if (binary.right() instanceof Expression.Literal width
            && width.value().compareTo(BigInteger.valueOf(type.size() * 8L)) >= 0) {
          throw error(
              binary.right().span(),
              "a " + type.size() * 8 + "-bit value cannot be shifted that far",
              null);
        }
        integer(right, binary.right().span());
        return number(c, type);
      }
      case DIVIDE, MODULO -> {
        if (binary.right() instanceof Expression.Literal literal && literal.value().signum() == 0) {
          throw error(binary.right().span(), "division by zero", null);
        }
      }
      default -> {}
    }
    CType.Int type =
        IntegerRules.common(
            integer(left, binary.left().span()), integer(right, binary.right().span()));
    if (operator == BinaryOperator.DIVIDE || operator == BinaryOperator.MODULO) {
      String function =
          (type.signed() ? "signed_" : "unsigned_")
              + (operator == BinaryOperator.DIVIDE ? "divide" : "modulo");
      String name = Types.cName(type);
      String call = "%s((%s)%s, (%s)%s)".formatted(function, name, left.c(), name, right.c());
      return number("((" + name + ")" + call + ")", type);
    }
    return number(c, type);
  }

  private Operand conditional(Expression.Conditional conditional) throws SpecifierException {
    Scalar condition = scalar(conditional.condition());
    Scalar whenTrue = scalar(conditional.whenTrue());
    Scalar whenFalse = scalar(conditional.whenFalse());
    String c = "(" + condition.c() + " ? " + whenTrue.c() + " : " + whenFalse.c() + ")";
    if (whenTrue.type() instanceof CType.Int a && whenFalse.type() instanceof CType.Int b) {
      return number(c, IntegerRules.common(a, b));
    }
    boolean same =
        whenTrue.type().equals(whenFalse.type()) && whenTrue.space() == whenFalse.space();
    return same ? new Scalar(c, whenTrue.type(), whenTrue.space()) : number(c, CType.U64);
  }

  private Operand member(Expression.Member member) throws SpecifierException {
    Operand object = operand(member.object());
    Place place;
    if (member.arrow()) {
      place = pointedTo(load(object, member.object().span()), member.object().span(), 0);
    } else if (object instanceof Place memory && memory.type() instanceof CType.Struct) {
      place = memory;
    } else {
      String hint = object.type() instanceof CType.Pointer ? "use -> behind a pointer" : null;
      throw error(member.memberSpan(), "what stands before the dot is not a struct", hint);
    }
    if (!(place.type() instanceof CType.Struct struct)) {
      throw error(
          member.object().span(),
          Types.describe(place.type()) + " has no members",
          unavailableOr("cast it: ((struct NAME *)...)->" + member.member()));
    }
    TypeSource.Member found = types.source().member(struct, member.member());
    if (found == null) {
      List<String> near = Similar.nearest(member.member(), types.source().memberNames(struct), 3);
      throw error(
          member.memberSpan(),
          struct.name() + " has no member \"" + member.member() + "\"",
          near.isEmpty() ? null : "did you mean " + String.join(", ", near) + "?");
    }
    return new Place(
        offset(place.address(), found.offset()),
        found.type(),
        place.space(),
        found.bitShift(),
        found.bitWidth());
  }

  private Operand index(Expression.Index index) throws SpecifierException {
    Operand array = operand(index.array());
    if (array.type() instanceof CType.Array type
        && type.length() > 0
        && index.index() >= type.length()) {
      throw error(index.span(), "the array has " + type.length() + " elements", null);
    }
    return pointedTo(load(array, index.array().span()), index.array().span(), index.index());
  }

  private Operand cast(Expression.Cast cast) throws SpecifierException {
    CType type = types.resolve(cast.type());
    if (type == null) {
      throw error(
          cast.type().span(),
          "unknown type \"" + cast.type().base() + "\"",
          types.source().unavailable());
    }
    Scalar operand = scalar(cast.operand());
    if (type instanceof CType.Int integer) {
      return new Scalar(
          "((" + Types.cName(integer) + ")" + operand.c() + ")",
          integer,
          integer.size() == 8 ? operand.space() : Space.NONE);
    }
    if (!(type instanceof CType.Pointer)) {
      throw error(cast.type().span(), "only numbers and pointers can be cast to", null);
    }
    if (operand.space() == Space.NONE) {
      throw error(cast.span(), "a pointer cannot be made from a computed number", null);
    }
    return new Scalar("((u64)" + operand.c() + ")", type, operand.space());
  }

  private Place pointedTo(Scalar pointer, Span span, long index) throws SpecifierException {
    if (!(pointer.type() instanceof CType.Pointer type)) {
      throw error(
          span, "this is a number, not a pointer", "cast it to a pointer: ((struct NAME *)...)");
    }
    int size = Types.sizeOf(type.target());
    if (size == 0 && !(type.target() instanceof CType.Array)) {
      throw error(
          span,
          "it is not known what this " + Types.describe(type) + " points to",
          unavailableOr("cast it to a pointer to a type that the kernel's BTF knows"));
    }
    if (pointer.space() == Space.NONE) {
      throw error(span, "this is not an address that may be read", null);
    }
    return new Place(offset(pointer.c(), index * size), type.target(), pointer.space());
  }

  /** What helps, unless nothing can: no type is known. */
  private String unavailableOr(String hint) {
    String unavailable = types.source().unavailable();
    return unavailable == null ? hint : unavailable;
  }

  private Scalar load(Operand operand, Span span) throws SpecifierException {
    if (operand instanceof Scalar scalar) {
      return scalar;
    }
    Place place = (Place) operand;
    if (place.type() instanceof CType.Array array) {
      return new Scalar(place.address(), new CType.Pointer(array.element()), place.space());
    }
    if (place.type() instanceof CType.Pointer) {
      return new Scalar(read("u64", place), place.type(), place.space());
    }
    if (!(place.type() instanceof CType.Int type)) {
      throw error(
          span, "this is a whole " + Types.describe(place.type()), "name one of its members");
    }
    String name = Types.cName(type);
    if (place.bitWidth() == 0) {
      return number(read(name, place), type);
    }
    int left = 64 - place.bitShift() - place.bitWidth();
    int right = 64 - place.bitWidth();
    String shifted = "((u64)" + read(name, place) + " << " + left + ")";
    String signed = type.signed() ? "(s64)" : "";
    return number("((" + name + ")(" + signed + shifted + " >> " + right + "))", type);
  }

  private static String read(String cName, Place place) {
    return "READ(" + cName + ", " + place.space().reader() + ", " + place.address() + ")";
  }

  private static String offset(String address, long offset) {
    return offset == 0 ? address : "(" + address + " + " + offset + ")";
  }

  private static Scalar number(String c, CType.Int type) {
    return new Scalar(c, type, Space.NONE);
  }

  private CType.Int integer(Scalar scalar, Span span) throws SpecifierException {
    if (scalar.type() instanceof CType.Int integer) {
      return integer;
    }
    if (scalar.space() == Space.USER) {
      return CType.U64;
    }
    throw error(span, "a kernel pointer cannot be calculated with", null);
  }

  private Operand found(@Nullable Operand operand, Span span, String name)
      throws SpecifierException {
    if (operand == null) {
      throw unknown(span, "there is no \"" + name + "\" here", name);
    }
    return operand;
  }

  private SpecifierException unknown(Span span, String reason, String name) {
    List<String> near = Similar.nearest(name, values.names(), 3);
    String hint = null;
    if (!near.isEmpty()) {
      hint = "did you mean " + String.join(", ", near) + "?";
    } else if (!values.names().isEmpty()) {
      hint = "known here: " + String.join(", ", values.names());
    }
    return error(span, reason, hint);
  }

  SpecifierException error(Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier, new Diagnostic(field, span, reason, hint));
  }
}
