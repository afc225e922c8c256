/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.typing.StoredAtEntry;
import io.jargdist.typing.TypedValue;
import java.util.Locale;

/**
 * Writes typed values as C expressions that bind tighter than any operator. A pointer is a {@code
 * u64}, too, so this class writes all arithmetic on addresses itself.
 *
 * <p>Every number in the text is ours or a literal that was parsed; every name is ours. Only {@code
 * READ} reads memory; it sets {@code failed} if it cannot. Division and modulo are calls of our own
 * functions, since LLVM's BPF back-end aborts on signed ones, and since a division by zero gives 0.
 *
 * <p>One writer serves one program.
 */
final class ValueText implements TypedValue.Visitor<String> {
  private final ProgramContext context;
  private final FilledNumbers numbers;
  private final Architecture architecture;
  private final StringMatchText matches;
  private final ContextFields fields = new ContextFields();

  /**
   * @param program the program's name
   * @param numbers collects the numbers that are filled in later
   */
  ValueText(
      ProgramContext context, Architecture architecture, String program, FilledNumbers numbers) {
    this.numbers = numbers;
    this.context = context;
    this.architecture = architecture;
    this.matches = new StringMatchText(program + "_match_", this, numbers);
  }

  String write(TypedValue value) {
    return value.accept(this);
  }

  /** Returns the C functions that the written expressions call. */
  String functions() {
    return matches.functions();
  }

  /** Returns the C declarations that the written expressions need. */
  String declarations() {
    return fields.declarations();
  }

  @Override
  public String constant(TypedValue.Constant constant) {
    return numbers.c(constant.value(), constant.type());
  }

  @Override
  public String parameter(TypedValue.Parameter parameter) {
    String place = context.parameters().get(parameter.place());
    return CTypes.narrow(parameter.type(), fields.variable(place));
  }

  @Override
  public String entryValue(TypedValue.EntryValue entry) {
    return CTypes.narrow(
        entry.type(), CallStackText.variable(new StoredAtEntry(entry.place(), false)));
  }

  @Override
  public String kept(TypedValue.Kept kept) {
    return CTypes.narrow(kept.type(), PairText.variable(kept.index()));
  }

  @Override
  public String returnValue(TypedValue.ReturnValue returned) {
    return CTypes.narrow(returned.type(), fields.variable(context.returnValue()));
  }

  @Override
  public String latency(TypedValue.Latency latency) {
    return CallStackText.LATENCY;
  }

  @Override
  public String processId(TypedValue.ProcessId process) {
    return process.initial() ? "((u32)(id >> 32))" : "((u32)(seen_id(id) >> 32))";
  }

  @Override
  public String threadId(TypedValue.ThreadId thread) {
    return thread.initial() ? "((u32)id)" : "((u32)seen_id(id))";
  }

  @Override
  public String processor(TypedValue.Processor processor) {
    return "bpf_get_smp_processor_id()";
  }

  @Override
  public String register(TypedValue.Register register) {
    String value = register(register.name());
    String shifted = register.shift() == 0 ? value : "(" + value + " >> " + register.shift() + ")";
    return CTypes.narrow(register.type(), shifted);
  }

  @Override
  public String operandAddress(TypedValue.OperandAddress address) {
    UsdtOperand.Memory operand = address.operand();
    String index = operand.index();
    String elements = index == null ? "" : " + " + register(index) + " * " + operand.scale();
    return "(" + register(operand.base()) + elements + " + " + operand.displacement() + "LL)";
  }

  private String register(String name) {
    return fields.variable("ctx->" + architecture.field(name));
  }

  @Override
  public String recordField(TypedValue.RecordField field) {
    return CTypes.narrow(field.type(), recordField(field.offset()));
  }

  private String recordField(int offset) {
    return fields.variable("ctx->" + ProgramContext.recordField(offset));
  }

  @Override
  public String recordAddress(TypedValue.RecordAddress address) {
    // The low half of a __data_loc word is the offset of the data in the record.
    return address.dynamic()
        ? "((u64)ctx + (" + recordField(address.offset()) + " & 0xffff))"
        : "((u64)ctx + " + address.offset() + ")";
  }

  @Override
  public String offset(TypedValue.Offset offset) {
    String address = write(offset.address());
    return offset.bytes() == 0 ? address : "(" + address + " + " + offset.bytes() + ")";
  }

  @Override
  public String read(TypedValue.Read read) {
    return String.format(
        Locale.ROOT,
        "READ(%s, %s, %s)",
        CTypes.name(read.type()),
        CTypes.reader(read.memory()),
        write(read.address()));
  }

  @Override
  public String bitField(TypedValue.BitField field) {
    int right = Long.SIZE - field.width();
    int left = right - field.shift();
    String shifted = "((u64)" + write(field.unit()) + " << " + left + ")";
    String signed = field.type().signed() ? "(s64)" : "";
    return CTypes.cast(field.type(), "(" + signed + shifted + " >> " + right + ")");
  }

  @Override
  public String conversion(TypedValue.Conversion conversion) {
    return CTypes.cast(conversion.type(), write(conversion.value()));
  }

  @Override
  public String unary(TypedValue.Unary unary) {
    // The blank keeps the two operators of "- -x" apart.
    String sign = unary.operator().text() + " ";
    String operand = write(unary.operand());
    return switch (unary.operator()) {
      case NOT -> "(!" + operand + ")";
      case MINUS -> wrapping(unary.type(), sign + unsigned(unary.type(), operand));
      case COMPLEMENT, PLUS, DEREFERENCE -> "(" + sign + operand + ")";
    };
  }

  @Override
  public String binary(TypedValue.Binary binary) {
    String left = write(binary.left());
    String right = write(binary.right());
    String operator = " " + binary.operator().text() + " ";
    CType.Int type = binary.type();
    return switch (binary.operator()) {
      case LOGICAL_AND,
          LOGICAL_OR,
          EQUAL,
          NOT_EQUAL,
          LESS,
          LESS_EQUAL,
          GREATER,
          GREATER_EQUAL,
          AND,
          XOR,
          OR,
          SHIFT_RIGHT ->
          "(" + left + operator + right + ")";
      case SHIFT_LEFT -> wrapping(type, unsigned(type, left) + operator + right);
      case ADD, SUBTRACT, MULTIPLY ->
          wrapping(type, unsigned(type, left) + operator + unsigned(type, right));
      case DIVIDE, MODULO -> divide(binary.operator(), type, left, right);
    };
  }

  private static String divide(BinaryOperator operator, CType.Int type, String left, String right) {
    String function =
        (type.signed() ? "signed_" : "unsigned_")
            + (operator == BinaryOperator.DIVIDE ? "divide" : "modulo");
    String name = CTypes.name(type);
    return CTypes.cast(
        type,
        String.format(Locale.ROOT, "%1$s((%2$s)%3$s, (%2$s)%4$s)", function, name, left, right));
  }

  /**
   * Makes signed numbers wrap around at an overflow, as the processor does. C leaves the result
   * open, and a compiler may assume that there is no overflow.
   *
   * @param c an expression with {@link #unsigned} operands
   */
  private static String wrapping(CType.Int type, String c) {
    return type.signed() ? CTypes.cast(type, "(" + c + ")") : "(" + c + ")";
  }

  private static String unsigned(CType.Int type, String c) {
    return type.signed() ? "(u" + type.size() * 8 + ")" + c : c;
  }

  @Override
  public String pointerMove(TypedValue.PointerMove move) {
    String pointer = write(move.pointer());
    boolean signed = move.steps().type() instanceof CType.Int number && number.signed();
    return String.format(
        Locale.ROOT,
        "(%s %s %d * (u64)%s%s)",
        pointer,
        move.back() ? "-" : "+",
        move.elementSize(),
        signed ? "(s64)" : "",
        write(move.steps()));
  }

  @Override
  public String pointerDistance(TypedValue.PointerDistance distance) {
    return String.format(
        Locale.ROOT,
        "signed_divide((s64)(%s - %s), %d)",
        write(distance.left()),
        write(distance.right()),
        distance.elementSize());
  }

  @Override
  public String conditional(TypedValue.Conditional conditional) {
    return String.format(
        Locale.ROOT,
        "(%s ? %s : %s)",
        write(conditional.condition()),
        write(conditional.whenTrue()),
        write(conditional.whenFalse()));
  }

  @Override
  public String stringMatch(TypedValue.StringMatch match) {
    return matches.call(match);
  }

  @Override
  public String hostOrder(TypedValue.HostOrder number) {
    int bits = number.type().size() * 8;
    return String.format(
        Locale.ROOT, "((u%1$d)__builtin_bswap%1$d((u%1$d)%2$s))", bits, write(number.value()));
  }
}
