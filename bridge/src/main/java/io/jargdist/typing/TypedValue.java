/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Expression.TextMatch;
import io.jargdist.specifier.Expression.UnaryOperator;

/**
 * A value that a program calculates: an expression, or a part of one, whose types are known and
 * fit. All errors have been found by then, so every typed value can be written as C.
 *
 * <p>An address is a number of 64 bits. Only {@link Read} reads memory.
 */
public sealed interface TypedValue {
  /** Returns the type: an integer or a pointer. */
  CType type();

  /** Calls the visitor's method for this kind of value. */
  <R> R accept(Visitor<R> visitor);

  /** Handles each kind of value. */
  interface Visitor<R> {
    R constant(Constant constant);

    R parameter(Parameter parameter);

    R entryValue(EntryValue entry);

    R kept(Kept kept);

    R returnValue(ReturnValue returned);

    R latency(Latency latency);

    R processId(ProcessId process);

    R threadId(ThreadId thread);

    R processor(Processor processor);

    R register(Register register);

    R operandAddress(OperandAddress address);

    R recordField(RecordField field);

    R recordAddress(RecordAddress address);

    R offset(Offset offset);

    R read(Read read);

    R bitField(BitField field);

    R conversion(Conversion conversion);

    R unary(Unary unary);

    R binary(Binary binary);

    R pointerMove(PointerMove move);

    R pointerDistance(PointerDistance distance);

    R conditional(Conditional conditional);

    R stringMatch(StringMatch match);

    R hostOrder(HostOrder number);
  }

  /** A literal, a constant or a size. */
  record Constant(long value, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.constant(this);
    }
  }

  /**
   * A parameter of the function, read from the place where it is passed.
   *
   * @param place the number of the parameter's place among those in which the function's parameters
   *     are passed, from 0
   */
  record Parameter(int place, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.parameter(this);
    }
  }

  /**
   * A parameter's value at the function's entry, which the stack of calls holds.
   *
   * @param place see {@link Parameter}
   */
  record EntryValue(int place, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.entryValue(this);
    }
  }

  /**
   * A number that the first event of a pair has kept.
   *
   * @param index of the {@linkplain PairEnd#kept column}
   */
  record Kept(int index, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.kept(this);
    }
  }

  record ReturnValue(CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.returnValue(this);
    }
  }

  /** The nanoseconds since the function was entered, or since the first event of the pair. */
  record Latency() implements TypedValue {
    @Override
    public CType type() {
      return CType.U64;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.latency(this);
    }
  }

  /**
   * The process id.
   *
   * @param initial whether it is that of the initial pid namespace; else it is as the target sees
   *     it
   */
  record ProcessId(boolean initial) implements TypedValue {
    @Override
    public CType type() {
      return CType.U32;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.processId(this);
    }
  }

  /**
   * The thread id.
   *
   * @param initial see {@link ProcessId}
   */
  record ThreadId(boolean initial) implements TypedValue {
    @Override
    public CType type() {
      return CType.U32;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.threadId(this);
    }
  }

  /** The number of the processor that the program runs on. */
  record Processor() implements TypedValue {
    @Override
    public CType type() {
      return CType.U32;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.processor(this);
    }
  }

  /** A register that holds a USDT argument; see {@link UsdtOperand.Register}. */
  record Register(String name, int shift, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.register(this);
    }
  }

  /** The address in memory where a USDT probe has an argument. */
  record OperandAddress(UsdtOperand.Memory operand) implements TypedValue {
    @Override
    public CType type() {
      return new CType.Pointer(operand.type());
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.operandAddress(this);
    }
  }

  /**
   * A field of a tracepoint's record.
   *
   * @param offset in the record, in bytes
   */
  record RecordField(int offset, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.recordField(this);
    }
  }

  /**
   * The address of a field of a tracepoint's record.
   *
   * @param dynamic see {@link ResolvedProbe.TracepointField}; if so, this is the address of the
   *     field's data
   */
  record RecordAddress(int offset, boolean dynamic, CType.Pointer type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.recordAddress(this);
    }
  }

  /**
   * The address so many bytes behind another one. With 0 bytes, it is the same address with another
   * type.
   */
  record Offset(TypedValue address, long bytes, CType.Pointer type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.offset(this);
    }
  }

  /** A value that is read from memory. If it cannot be read, the event is lost. */
  record Read(TypedValue address, Memory memory, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.read(this);
    }
  }

  /**
   * @param unit see {@link TypeSource.Member}, as are shift and width
   */
  record BitField(Read unit, int shift, int width, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.bitField(this);
    }
  }

  record Conversion(TypedValue value, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.conversion(this);
    }
  }

  /**
   * @param operator any but a dereference, which becomes a {@link Read}
   * @param type of the calculation
   */
  record Unary(UnaryOperator operator, TypedValue operand, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.unary(this);
    }
  }

  /**
   * @param right for a shift, less than the bits of the type; for a division, it may be 0
   * @param type of the calculation, unless the operator is a comparison; numbers wrap around in it
   */
  record Binary(BinaryOperator operator, TypedValue left, TypedValue right, CType.Int type)
      implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.binary(this);
    }
  }

  /**
   * The address so many elements before or behind another one.
   *
   * @param steps an integer
   */
  record PointerMove(TypedValue pointer, boolean back, TypedValue steps, CType.Pointer type)
      implements TypedValue {
    /** Returns the size of an element in bytes; 1 for a type without a size, as in GNU C. */
    public int elementSize() {
      return Math.max(1, type.target().size());
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.pointerMove(this);
    }
  }

  /** The distance of two addresses, in elements. */
  record PointerDistance(TypedValue left, TypedValue right, int elementSize) implements TypedValue {
    @Override
    public CType type() {
      return CType.S64;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.pointerDistance(this);
    }
  }

  record Conditional(TypedValue condition, TypedValue whenTrue, TypedValue whenFalse, CType type)
      implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.conditional(this);
    }
  }

  /**
   * A number whose lowest bytes are swapped.
   *
   * @param type of the result; it says how many bytes these are
   */
  record HostOrder(TypedValue value, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.hostOrder(this);
    }
  }

  /** The result of a comparison with a literal: 1 or 0. */
  record StringMatch(TextMatch match, String literal, TypedText text) implements TypedValue {
    /** How many bytes of a text are searched at a time. */
    public static final int SEARCHED_BYTES = 64;

    /** How many words of 8 bytes these take on the stack, with a NUL behind them. */
    public static final int SEARCHED_WORDS = SEARCHED_BYTES / Long.BYTES + 1;

    @Override
    public CType type() {
      return CType.S32;
    }

    /** Returns how many words of 8 bytes the text takes on the stack while it is compared. */
    public int words() {
      return words(text.bytesToCompare(literal.length()));
    }

    /** Returns how many words of 8 bytes what is looked for has: for an end, with a NUL. */
    public int wantedWords() {
      return words(literal.length() + (match == TextMatch.ENDS ? 1 : 0));
    }

    /** Returns how many bytes it takes on the stack. */
    int stackBytes() {
      return Long.BYTES * (match.searches() ? SEARCHED_WORDS + wantedWords() : words());
    }

    private static int words(int bytes) {
      return (bytes + Long.BYTES - 1) / Long.BYTES;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.stringMatch(this);
    }
  }
}
