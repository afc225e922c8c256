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
import java.util.Locale;
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

  /** A value that can be calculated with or kept: memory is read, arrays become pointers. */
  Scalar number(Expression expression) throws SpecifierException {
    Scalar value = scalar(expression);
    notInRecord(value, expression.span());
    return value;
  }

  private void notInRecord(Scalar value, Span span) throws SpecifierException {
    if (value.space() == Space.RECORD) {
      throw error(
          span,
          "this is an array in the tracepoint's record, and not a number",
          "use it as char*, compare it with STREQ, or take one element: [0]");
    }
  }

  private Scalar scalar(Expression expression) throws SpecifierException {
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
      return number(literal(literal.value().longValue(), type), type);
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
        throw error(
            sizeOf.type().span(), "the size of this type is not known", types.hint(sizeOf.type()));
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
    Constants.Constant constant = types.constants().find(name.name());
    if (constant != null) {
      return number(literal(constant.value(), constant.type()), constant.type());
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
    Scalar operand = number(unary.operand());
    if (unary.operator() == Expression.UnaryOperator.NOT) {
      return number("(!" + operand.c() + ")", CType.S32);
    }
    CType.Int type = IntegerRules.promote(integer(operand, unary.operand().span()));
    // The blank keeps "- -x" two operators.
    String sign = unary.operator().text() + " ";
    return unary.operator() == Expression.UnaryOperator.MINUS
        ? wrapping(type, sign + unsigned(type, operand.c()))
        : number("(" + sign + operand.c() + ")", type);
  }

  private Operand binary(Expression.Binary binary) throws SpecifierException {
    BinaryOperator operator = binary.operator();
    Scalar left = number(binary.left());
    Scalar right = number(binary.right());
    boolean pointers =
        left.type() instanceof CType.Pointer || right.type() instanceof CType.Pointer;
    switch (operator) {
      case LOGICAL_AND, LOGICAL_OR, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL -> {
        return number("(" + left.c() + " " + operator.text() + " " + right.c() + ")", CType.S32);
      }
      case SHIFT_LEFT, SHIFT_RIGHT -> {
        return shift(binary, left, right);
      }
      case DIVIDE, MODULO -> {
        if (binary.right() instanceof Expression.Literal literal && literal.value().signum() == 0) {
          throw error(
              binary.right().span(), "division by zero", "what is divided by 0 in the kernel is 0");
        }
      }
      default -> {}
    }
    if (pointers && (operator == BinaryOperator.ADD || operator == BinaryOperator.SUBTRACT)) {
      return move(binary, left, right);
    }
    CType.Int type =
        IntegerRules.common(
            integer(left, binary.left().span()), integer(right, binary.right().span()));
    return switch (operator) {
      case DIVIDE, MODULO -> {
        String function =
            (type.signed() ? "signed_" : "unsigned_")
                + (operator == BinaryOperator.DIVIDE ? "divide" : "modulo");
        String name = Types.cName(type);
        yield number(
            "((%s)%s((%s)%s, (%s)%s))".formatted(name, function, name, left.c(), name, right.c()),
            type);
      }
      case ADD, SUBTRACT, MULTIPLY ->
          wrapping(
              type,
              unsigned(type, left.c()) + " " + operator.text() + " " + unsigned(type, right.c()));
      default -> number("(" + left.c() + " " + operator.text() + " " + right.c() + ")", type);
    };
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
        throw error(
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
        throw error(binary.operatorSpan(), "two pointers cannot be added", null);
      }
      int size = Math.max(1, Types.sizeOf(a.target()));
      return number(
          "signed_divide((s64)(" + left.c() + " - " + right.c() + "), " + size + ")", CType.S64);
    }
    boolean pointerLeft = left.type() instanceof CType.Pointer;
    if (!pointerLeft && subtract) {
      throw error(
          binary.operatorSpan(), "a pointer cannot be subtracted from a number", "cast it to u64");
    }
    Scalar pointer = pointerLeft ? left : right;
    Scalar steps = pointerLeft ? right : left;
    CType.Int number = pointerLeft ? rightNumber : leftNumber;
    int size = Math.max(1, Types.sizeOf(((CType.Pointer) pointer.type()).target()));
    String distance = size + " * (u64)" + (number.signed() ? "(s64)" : "") + steps.c();
    return new Scalar(
        "(" + pointer.c() + (subtract ? " - " : " + ") + distance + ")",
        pointer.type(),
        pointer.space());
  }

  private Operand conditional(Expression.Conditional conditional) throws SpecifierException {
    Scalar condition = number(conditional.condition());
    Scalar whenTrue = scalar(conditional.whenTrue());
    Scalar whenFalse = scalar(conditional.whenFalse());
    String c = "(" + condition.c() + " ? " + whenTrue.c() + " : " + whenFalse.c() + ")";
    if (whenTrue.type() instanceof CType.Int a && whenFalse.type() instanceof CType.Int b) {
      return number(c, IntegerRules.common(a, b));
    }
    if (isNull(conditional.whenFalse())) {
      return new Scalar(c, whenTrue.type(), whenTrue.space());
    } else if (isNull(conditional.whenTrue())) {
      return new Scalar(c, whenFalse.type(), whenFalse.space());
    }
    if (whenTrue.space() == Space.RECORD
        && whenFalse.space() == Space.RECORD
        && elementSize(whenTrue) == elementSize(whenFalse)) {
      return new Scalar(c, whenTrue.type(), Space.RECORD);
    }
    notInRecord(whenTrue, conditional.whenTrue().span());
    notInRecord(whenFalse, conditional.whenFalse().span());
    boolean same =
        whenTrue.type().equals(whenFalse.type()) && whenTrue.space() == whenFalse.space();
    return same ? new Scalar(c, whenTrue.type(), whenTrue.space()) : number(c, CType.U64);
  }

  private static int elementSize(Scalar pointer) {
    return pointer.type() instanceof CType.Pointer type ? Types.sizeOf(type.target()) : 0;
  }

  private static boolean isNull(Expression expression) {
    return expression instanceof Expression.Literal literal && literal.value().signum() == 0;
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
          types.hint(cast.type()));
    }
    if (type instanceof CType.Int integer) {
      Scalar operand = number(cast.operand());
      return new Scalar(
          "((" + Types.cName(integer) + ")" + operand.c() + ")",
          integer,
          integer.size() == 8 ? operand.space() : Space.NONE);
    }
    Scalar operand = scalar(cast.operand());
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
      return new Scalar(read("u64", place), place.type(), place.space().ofAddressesIn());
    }
    if (!(place.type() instanceof CType.Int type)) {
      throw error(
          span, "this is a whole " + Types.describe(place.type()), "name one of its members");
    }
    if (type.truth()) {
      // Memory may hold other bits than a bool's 0 and 1.
      Place bits = new Place(place.address(), CType.U8, place.space());
      return place.bitWidth() == 0
          ? number("((bool)" + read("u8", bits) + ")", type)
          : load(
              new Place(
                  place.address(), CType.U8, place.space(), place.bitShift(), place.bitWidth()),
              span);
    }
    String name = Types.cName(type);
    if (place.bitWidth() == 0) {
      boolean address = place.space() == Space.KERNEL_COPY && type.size() == 8;
      return new Scalar(read(name, place), type, address ? Space.USER : Space.NONE);
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

  private static String literal(long value, CType.Int type) {
    String suffix = (type.signed() ? "" : "U") + (type.size() == 8 ? "LL" : "");
    if (value == Long.MIN_VALUE && type.signed()) {
      return "(-9223372036854775807LL - 1)";
    } else if (value < 0 && type.signed()) {
      return "(" + value + suffix + ")";
    }
    return Long.toUnsignedString(value) + suffix;
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
    throw error(
        span,
        "a kernel pointer cannot be calculated with",
        "compare it, or read what it points to");
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
    } else if (name.equals(name.toUpperCase(Locale.ROOT))) {
      near = Similar.nearest(name, types.constants().names(), 3);
      hint =
          near.isEmpty()
              ? types.constants().hint(name)
              : "did you mean " + String.join(", ", near) + "? Else write its number";
    } else if (!values.names().isEmpty()) {
      hint = "known here: " + String.join(", ", values.names());
    } else {
      hint = types.source().unavailable();
    }
    return error(span, reason, hint);
  }

  SpecifierException error(Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier, new Diagnostic(field, span, reason, hint));
  }
}
