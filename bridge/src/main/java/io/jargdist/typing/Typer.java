/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import io.jargdist.typing.Operand.Place;
import io.jargdist.typing.Operand.Scalar;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes typed values from expressions by the rules of C, or reports what is wrong with them. {@link
 * Arithmetic} knows the operators.
 *
 * <p>One typer serves one field of a specifier, in one program.
 */
final class Typer implements Expression.Visitor<Operand, SpecifierException> {
  /** HotSpot publishes not more than 50 members of a class. */
  private static final int MOST_LISTED = 60;

  private final String specifier;
  private final String field;
  private final ProbeValues values;
  private final Types types;
  private final Uses uses;
  private final SpecifierTyper.@Nullable KeptValues kept;
  private final boolean elsewhere;
  private final Arithmetic arithmetic;
  private boolean initialNumbers;

  /**
   * @param field the name of the typed text in diagnostics
   * @param uses notes what the typed values need
   * @param kept what the first event of a pair keeps, if this is of the second one; else null
   * @param elsewhere whether the event may happen in a thread that it is not about
   */
  Typer(
      String specifier,
      String field,
      ProbeValues values,
      Types types,
      Uses uses,
      SpecifierTyper.@Nullable KeptValues kept,
      boolean elsewhere) {
    this.specifier = specifier;
    this.field = field;
    this.values = values;
    this.types = types;
    this.uses = uses;
    this.kept = kept;
    this.elsewhere = elsewhere;
    this.arithmetic = new Arithmetic(this::error);
  }

  /** Lets the numbers of threads and processes be those of the initial pid namespace. */
  Typer withInitialNumbers() {
    initialNumbers = true;
    return this;
  }

  /** Returns a value that calculations can use or that can be stored. */
  TypedValue value(Expression expression) throws SpecifierException {
    return number(expression).value();
  }

  /** Returns a text that can be compared or stored. */
  TypedText text(Expression expression) throws SpecifierException {
    if (expression instanceof Expression.Builtin builtin && builtin.value() == BuiltinValue.COMM) {
      checkHere(builtin);
      return new TypedText.ThreadName();
    } else if (kept != null && expression instanceof Expression.Kept earlier) {
      return kept.text(earlier);
    }
    Scalar address = address(expression);
    checkReachable(address.space(), expression.span());
    Memory memory = address.space().memory();
    Operand length = stringLength(expression);
    return length == null
        ? new TypedText.Terminated(address.value(), memory)
        : new TypedText.Counted(address.value(), memory, load(length, expression.span()).value());
  }

  /** Returns a text as a column. */
  TypedColumn.TextColumn textColumn(Expression expression, KeyContent.TextContent content)
      throws SpecifierException {
    return new TypedColumn.TextColumn(text(expression), content);
  }

  private @Nullable Operand stringLength(Expression string) {
    if (string instanceof Expression.UsdtArgument argument) {
      return values.stringLength(argument.number());
    }
    return string instanceof Expression.Name name ? values.stringLength(name.name()) : null;
  }

  /**
   * Returns a key that is shown as text.
   *
   * @param expression one that is {@linkplain Expression.Explained explained}, or that the first
   *     event of a pair keeps
   */
  TypedColumn.ExplainedColumn explainedColumn(Expression expression) throws SpecifierException {
    if (kept != null && expression instanceof Expression.Kept earlier) {
      return new TypedColumn.ExplainedColumn(kept.explained(earlier));
    }
    Expression.Explained explained = (Expression.Explained) expression;
    return new TypedColumn.ExplainedColumn(
        switch (explained.explanation()) {
          case ADDRESS -> internetAddress(explained.value());
          case FILE -> openFile(explained);
        });
  }

  private ExplainedKey openFile(Expression.Explained file) throws SpecifierException {
    if (elsewhere) {
      throw error(
          file.span(),
          "this event may happen in any thread, whose descriptors are others",
          otherwise());
    }
    if (file.value() instanceof Expression.EntryValue entry) {
      Operand value =
          found(values.entryValue(entry.parameter()), entry.nameSpan(), entry.parameter());
      int place = place(descriptor(load(value, entry.span()), entry.span()));
      uses.fileAtEntry(place);
      return new ExplainedKey.FileAtEntry(place);
    }
    uses.stack(ExplainedKey.OpenFile.STACK_BYTES);
    Span span = file.value().span();
    return new ExplainedKey.OpenFile(descriptor(number(file.value()), span));
  }

  private TypedValue descriptor(Scalar number, Span span) throws SpecifierException {
    if (!(number.type() instanceof CType.Int)) {
      throw error(span, "this is a pointer, and not a descriptor", null);
    }
    return number.value();
  }

  /** A program that sees the call as a whole has the parameter itself. */
  private static int place(TypedValue parameter) {
    return parameter instanceof TypedValue.EntryValue stored
        ? stored.place()
        : ((TypedValue.Parameter) parameter).place();
  }

  private ExplainedKey internetAddress(Expression expression) throws SpecifierException {
    Operand operand = operand(expression);
    if (operand instanceof Place place && !place.type().isScalar()) {
      return internetAddress(place.type(), place, place.address(), expression.span());
    }
    Scalar number = load(operand, expression.span());
    if (number.type().equals(CType.U32)) {
      return new ExplainedKey.AddressNumber(number.value());
    }
    CType pointed = number.type() instanceof CType.Pointer pointer ? pointer.target() : null;
    return internetAddress(pointed, number, number.value(), expression.span());
  }

  /**
   * @param type of what is there; null if that is not known
   * @param written what the expression means
   * @param address where it is
   */
  private ExplainedKey internetAddress(
      @Nullable CType type, Operand written, TypedValue address, Span span)
      throws SpecifierException {
    AddressType kind = type == null ? null : AddressType.of(type);
    if (kind == null) {
      throw error(
          span,
          "this is not known to be an internet address: its type is " + written.type().describe(),
          "$IP takes a struct sockaddr *, in_addr, in6_addr, u32, u8[4] or u8[16]; a cast says so:"
              + " $IP((struct sockaddr *)...)");
    } else if (written.space() == Space.NONE) {
      throw error(span, "this is not an address in memory that may be read", null);
    }
    checkReachable(written.space(), span);
    Memory memory = written.space().memory();
    return switch (kind) {
      case SOCKET_ADDRESS -> new ExplainedKey.SocketAddress(address, memory);
      case VERSION_4 -> new ExplainedKey.AddressBytes(address, memory, false);
      case VERSION_6 -> new ExplainedKey.AddressBytes(address, memory, true);
    };
  }

  /** Refuses what belongs to the current thread, if that may be any. */
  private void checkHere(Expression.Builtin builtin) throws SpecifierException {
    if (elsewhere) {
      throw error(
          builtin.span(),
          "this event may happen in any thread, so "
              + builtin.value().text()
              + " says nothing of the pair",
          otherwise());
    }
  }

  private void checkReachable(Space space, Span span) throws SpecifierException {
    if (elsewhere && space != Space.NONE && space.memory() == Memory.USER) {
      throw error(
          span,
          "this event may happen in any process, so the target's memory cannot be read",
          otherwise());
    }
  }

  private @Nullable String otherwise() {
    return kept == null ? null : "$entry(EXPRESSION) is what it was at the first event";
  }

  /** Returns a number for calculations. A place in memory is read; an array becomes a pointer. */
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

  /** Returns the address of a text: a pointer, an array, or an unchanged value of the probe. */
  private Scalar address(Expression expression) throws SpecifierException {
    Scalar value = scalar(expression);
    if (value.space() == Space.NONE) {
      throw error(
          expression.span(),
          "this number is not an address that may be read",
          "use a parameter, an argument or a return value as it is");
    }
    return value;
  }

  private Operand operand(Expression expression) throws SpecifierException {
    return expression.accept(this);
  }

  @Override
  public Operand literal(Expression.Literal literal) {
    CType.Int type = IntegerRules.typeOf(literal);
    return Scalar.number(new TypedValue.Constant(literal.value().longValue(), type));
  }

  @Override
  public Operand name(Expression.Name name) throws SpecifierException {
    Operand parameter = values.parameter(name.name());
    if (parameter != null) {
      return parameter;
    }
    Constants.Constant constant =
        mayBeConstant(name.name()) ? types.constants().find(name.name()) : null;
    if (constant != null) {
      return Scalar.number(new TypedValue.Constant(constant.value(), constant.type()));
    }
    checkReadable(name.name(), values.unreadable(name.name()), name.span());
    if (values instanceof UsdtValues && !mayBeConstant(name.name())) {
      throw noSuchArgument(name);
    }
    throw unknown(
        name.span(),
        "\"" + name.name() + "\" is neither a known parameter nor a known constant",
        name.name());
  }

  @Override
  public Operand builtin(Expression.Builtin builtin) throws SpecifierException {
    return switch (builtin.value()) {
      case RETVAL -> found(values.returnValue(), builtin.span(), builtin.value().text());
      case LATENCY -> {
        uses.latency();
        Operand latency = kept == null ? values.latency() : Scalar.number(new TypedValue.Latency());
        yield found(latency, builtin.span(), builtin.value().text());
      }
      case PID, KERNEL_TGID -> {
        checkHere(builtin);
        yield Scalar.number(new TypedValue.ProcessId(initialNumbers));
      }
      case TID, KERNEL_PID -> {
        checkHere(builtin);
        yield Scalar.number(new TypedValue.ThreadId(initialNumbers));
      }
      case CPU -> Scalar.number(new TypedValue.Processor());
      case COMM ->
          throw error(
              builtin.span(),
              builtin.value().text() + " is text",
              "use it alone as a char* expression, or in STREQ and the like");
    };
  }

  @Override
  public Operand entryValue(Expression.EntryValue entry) throws SpecifierException {
    Operand value =
        found(values.entryValue(entry.parameter()), entry.nameSpan(), entry.parameter());
    if (value instanceof Scalar scalar && scalar.value() instanceof TypedValue.EntryValue found) {
      uses.entryValue(found.place());
    }
    return value;
  }

  @Override
  public Operand kept(Expression.Kept wanted) throws SpecifierException {
    if (kept == null) {
      throw error(wanted.span(), "there is no first event", null);
    }
    return kept.number(wanted);
  }

  @Override
  public Operand usdtArgument(Expression.UsdtArgument argument) throws SpecifierException {
    Operand value = values.usdtArgument(argument.number());
    if (value == null) {
      String name = "arg" + argument.number();
      checkReadable(name, values.unreadable(argument.number()), argument.span());
      throw error(argument.span(), "there is no " + name + " here", argumentsHint());
    }
    return value;
  }

  /**
   * @param operand where the argument is, if it cannot be read there; else null
   */
  private void checkReadable(String argument, @Nullable String operand, Span span)
      throws SpecifierException {
    if (operand != null) {
      throw error(span, argument + " is where BPF cannot read it: " + operand, null);
    }
  }

  private SpecifierException noSuchArgument(Expression.Name name) {
    String hint = argumentsHint();
    List<String> near = Similar.nearest(name.name(), values.names(), 1);
    if (kept != null && kept.first().values().parameter(name.name()) != null) {
      hint = "$entry(" + name.name() + ") is what it was at the first event";
    } else if (!near.isEmpty()) {
      hint = "did you mean " + near.get(0) + "? " + hint;
    }
    return error(name.span(), "this probe has no argument \"" + name.name() + "\"", hint);
  }

  private String argumentsHint() {
    List<String> names = values.names();
    return names.isEmpty()
        ? "this probe has no arguments"
        : "this probe's arguments are " + String.join(", ", names);
  }

  @Override
  public Operand tracepointField(Expression.TracepointField field) throws SpecifierException {
    return found(values.tracepointField(field.field()), field.fieldSpan(), field.field());
  }

  @Override
  public Operand unary(Expression.Unary unary) throws SpecifierException {
    return unary.operator() == Expression.UnaryOperator.DEREFERENCE
        ? pointedTo(scalar(unary.operand()), unary.operand().span(), 0)
        : arithmetic.unary(unary, number(unary.operand()));
  }

  @Override
  public Operand binary(Expression.Binary binary) throws SpecifierException {
    return arithmetic.binary(binary, number(binary.left()), number(binary.right()));
  }

  @Override
  public Operand conditional(Expression.Conditional conditional) throws SpecifierException {
    Scalar condition = number(conditional.condition());
    Scalar whenTrue = scalar(conditional.whenTrue());
    Scalar whenFalse = scalar(conditional.whenFalse());
    boolean orNull =
        Arithmetic.isNull(conditional.whenTrue()) || Arithmetic.isNull(conditional.whenFalse());
    if (!orNull && !Arithmetic.isSameArray(whenTrue, whenFalse)) {
      notInRecord(whenTrue, conditional.whenTrue().span());
      notInRecord(whenFalse, conditional.whenFalse().span());
    }
    return Arithmetic.conditional(conditional, condition, whenTrue, whenFalse);
  }

  @Override
  public Operand member(Expression.Member member) throws SpecifierException {
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
          place.type().describe() + " has no members",
          unavailableOr("cast it: ((struct NAME *)...)->" + member.member()));
    }
    TypeSource.Member found = types.source().member(struct, member.member());
    if (found == null) {
      throw error(
          member.memberSpan(),
          struct.name() + " has no member \"" + member.member() + "\"",
          membersHint(struct, member.member()));
    }
    return new Place(
        offset(place.address(), found.offset(), found.type()),
        found.type(),
        place.space(),
        found.bitShift(),
        found.bitWidth());
  }

  /** Names the members that are near; of a class of HotSpot, whose sources few know, all. */
  private @Nullable String membersHint(CType.Struct struct, String unknown) {
    List<String> names = types.source().memberNames(struct);
    List<String> near = Similar.nearest(unknown, names, 3);
    String hint = near.isEmpty() ? null : "did you mean " + String.join(", ", near) + "?";
    if (struct.id() != CType.Struct.OF_HOTSPOT) {
      return hint;
    }
    String published =
        names.isEmpty()
            ? "libjvm publishes none of its members"
            : "libjvm publishes " + listed(names);
    return hint == null ? published : hint + " " + published;
  }

  private static String listed(List<String> names) {
    int more = names.size() - MOST_LISTED;
    String listed = names.stream().limit(MOST_LISTED).collect(Collectors.joining(", "));
    return more > 0 ? listed + " and " + more + " more" : listed;
  }

  @Override
  public Operand index(Expression.Index index) throws SpecifierException {
    Operand array = operand(index.array());
    if (array.type() instanceof CType.Array type
        && type.length() > 0
        && index.index() >= type.length()) {
      throw error(index.span(), "the array has " + type.length() + " elements", null);
    }
    return pointedTo(load(array, index.array().span()), index.array().span(), index.index());
  }

  @Override
  public Operand cast(Expression.Cast cast) throws SpecifierException {
    CType type = types.resolve(cast.type());
    if (type == null) {
      throw unknownType(cast.type());
    }
    Operand whole = operand(cast.operand());
    if (whole instanceof Place place && isBytes(place.type()) && fits(type, place.type())) {
      return load(new Place(place.address(), type, place.space()), cast.operand().span());
    }
    Scalar operand = load(whole, cast.operand().span());
    if (type instanceof CType.Int integer) {
      notInRecord(operand, cast.operand().span());
      return Scalar.seen(new TypedValue.Conversion(operand.value(), integer), operand.space());
    }
    if (!(type instanceof CType.Pointer pointer)) {
      throw error(cast.type().span(), "only numbers and pointers can be cast to", null);
    }
    if (operand.space() == Space.NONE) {
      throw error(cast.span(), "a pointer cannot be made from a computed number", null);
    }
    boolean user = pointer.user() && operand.space() != Space.RECORD;
    return new Scalar(
        new TypedValue.Conversion(operand.value(), type), user ? Space.USER : operand.space());
  }

  /**
   * Returns whether nothing is known of what lies in a place, so that a cast says how to read it.
   */
  private boolean isBytes(CType type) {
    return type instanceof CType.Opaque
        || (type instanceof CType.Struct struct
            && struct.id() == CType.Struct.OF_HOTSPOT
            && types.source().memberNames(struct).isEmpty());
  }

  private static boolean fits(CType scalar, CType bytes) {
    return scalar.isScalar() && (bytes.size() == 0 || scalar.size() <= bytes.size());
  }

  @Override
  public Operand sizeOf(Expression.SizeOf sizeOf) throws SpecifierException {
    CType type = types.resolve(sizeOf.type());
    if (type == null) {
      throw unknownType(sizeOf.type());
    } else if (type.size() == 0) {
      throw error(sizeOf.type().span(), "the size of this type is not known", null);
    }
    return Scalar.number(new TypedValue.Constant(type.size(), CType.U64));
  }

  @Override
  public Operand stringMatch(Expression.StringMatch match) throws SpecifierException {
    if (match.pointer() instanceof Expression.Kept earlier) {
      // The first event compares it, and keeps the result.
      Expression there =
          new Expression.StringMatch(match.match(), match.text(), earlier.value(), match.span());
      return kept(new Expression.Kept(there, match.span()));
    }
    TypedText text = text(match.pointer());
    if (text instanceof TypedText.ThreadName
        && match.text().length() >= TypedText.THREAD_NAME_SIZE) {
      throw error(
          match.span(),
          "a thread's name has at most " + (TypedText.THREAD_NAME_SIZE - 1) + " bytes",
          null);
    }
    TypedValue.StringMatch typed = new TypedValue.StringMatch(match.match(), match.text(), text);
    uses.stack(typed.stackBytes());
    return Scalar.number(typed);
  }

  @Override
  public Operand hostOrder(Expression.HostOrder order) throws SpecifierException {
    Scalar number = number(order.number());
    CType.Int type = order.function() == BuiltinFunction.NTOHS ? CType.U16 : CType.U32;
    if (!(number.type() instanceof CType.Int)) {
      throw error(
          order.number().span(),
          "this is a pointer, and not a number",
          String.format(
              Locale.ROOT,
              "read what it points to: %s(*(%s *)...)",
              order.function().text(),
              type.describe()));
    }
    return Scalar.number(new TypedValue.HostOrder(number.value(), type));
  }

  @Override
  public Operand explained(Expression.Explained key) throws SpecifierException {
    String function = key.explanation().function().text();
    throw error(
        key.span(),
        function + " makes the text of a key, which cannot be calculated with or compared",
        "use it alone, as a key of type char*: -C PROBE:char*:" + function + "(...)");
  }

  private SpecifierException unknownType(TypeName type) {
    return error(type.span(), "unknown type \"" + type.base() + "\"", types.hint(type.base()));
  }

  private Place pointedTo(Scalar pointer, Span span, long index) throws SpecifierException {
    if (!(pointer.type() instanceof CType.Pointer type)) {
      throw error(
          span, "this is a number, not a pointer", "cast it to a pointer: ((struct NAME *)...)");
    }
    int size = type.target().size();
    if (size == 0 && !(type.target() instanceof CType.Array)) {
      throw error(
          span,
          "it is not known what this " + type.describe() + " points to",
          type.target() instanceof CType.Opaque unknown && !unknown.name().equals("void")
              ? types.hint(unknown.name())
              : unavailableOr("cast it to a pointer to a type that the kernel's BTF knows"));
    }
    if (pointer.space() == Space.NONE) {
      throw error(span, "this is not an address that may be read", null);
    }
    return new Place(
        offset(pointer.value(), index * size, type.target()), type.target(), pointer.space());
  }

  /** Returns the hint, or the reason why no type is known at all; then no hint helps. */
  private String unavailableOr(String hint) {
    String unavailable = types.source().unavailable();
    return unavailable == null ? hint : unavailable;
  }

  private Scalar load(Operand operand, Span span) throws SpecifierException {
    if (operand instanceof Scalar scalar) {
      return scalar;
    }
    Place place = (Place) operand;
    checkReachable(place.space(), span);
    if (place.type() instanceof CType.Array array) {
      return new Scalar(offset(place.address(), 0, array.element()), place.space());
    }
    if (place.type() instanceof CType.Pointer pointer) {
      Space space = pointer.user() ? Space.USER : place.space().ofAddressesIn();
      return new Scalar(read(place, pointer), space);
    }
    if (isBytes(place.type())) {
      String type = place.type().describe();
      int size = place.type().size();
      throw error(
          span,
          type.equals("void")
              ? "the type of this member is not known"
              : "it is not known how to read a " + type,
          "a cast tells how: (u" + (size == 0 ? 64 : Math.min(64, 8 * size)) + ")...->NAME");
    }
    if (!(place.type() instanceof CType.Int type)) {
      throw error(span, "this is a whole " + place.type().describe(), "name one of its members");
    }
    // A bool in memory may hold other bits than 0 and 1.
    CType.Int stored = type.truth() ? CType.U8 : type;
    TypedValue.Read unit = read(place, stored);
    if (place.bitWidth() != 0) {
      return Scalar.number(
          new TypedValue.BitField(unit, place.bitShift(), place.bitWidth(), stored));
    }
    return type.truth()
        ? Scalar.number(new TypedValue.Conversion(unit, type))
        : Scalar.seen(unit, place.space() == Space.KERNEL_COPY ? Space.USER : Space.NONE);
  }

  private static TypedValue.Read read(Place place, CType type) {
    return new TypedValue.Read(place.address(), place.space().memory(), type);
  }

  private static TypedValue offset(TypedValue address, long bytes, CType target) {
    return new TypedValue.Offset(address, bytes, new CType.Pointer(target));
  }

  private Operand found(@Nullable Operand operand, Span span, String name)
      throws SpecifierException {
    if (operand == null) {
      throw unknown(span, "there is no \"" + name + "\" here", name);
    }
    return operand;
  }

  /** Names of constants are in upper case, so that they hide no name of an argument. */
  private static boolean mayBeConstant(String name) {
    return name.equals(name.toUpperCase(Locale.ROOT));
  }

  private SpecifierException unknown(Span span, String reason, String name) {
    List<String> near = Similar.nearest(name, values.names(), 3);
    String hint = null;
    if (!near.isEmpty()) {
      hint = "did you mean " + String.join(", ", near) + "?";
    } else if (mayBeConstant(name)) {
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

  private SpecifierException error(Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier, new Diagnostic(field, span, reason, hint));
  }
}
