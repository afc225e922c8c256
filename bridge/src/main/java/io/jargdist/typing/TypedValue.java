/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Expression.UnaryOperator;

/**
 * An expression, or a part of it, whose types are known and fit: what a program calculates. Nothing
 * can be said against it any more, so whoever writes it down writes any of them.
 *
 * <p>An address is a number of 64 bits. Memory is read where {@link Read} says so, and nowhere
 * else.
 */
public sealed interface TypedValue {
  /** An integer or a pointer. */
  CType type();

  /** Answers what the visitor does for this kind of value. */
  <R> R accept(Visitor<R> visitor);

  /** Whoever does something with all kinds of values. */
  interface Visitor<R> {
    R constant(Constant constant);

    R parameter(Parameter parameter);

    R entryValue(EntryValue entry);

    R returnValue(ReturnValue returned);

    R latency(Latency latency);

    R processId(ProcessId process);

    R threadId(ThreadId thread);

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
  }

  /** A literal, a constant or a size. */
  record Constant(long value, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.constant(this);
    }
  }

  /**
   * A parameter of the function, where it is passed.
   *
   * @param place counts the places in which the function's parameters are passed, from 0
   */
  record Parameter(int place, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.parameter(this);
    }
  }

  /**
   * A parameter as the program at the function's entry kept it.
   *
   * @param place see {@link Parameter}
   */
  record EntryValue(int place, CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.entryValue(this);
    }
  }

  record ReturnValue(CType type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.returnValue(this);
    }
  }

  /** Nanoseconds since the function was entered. */
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

  /** As the target sees it. */
  record ProcessId() implements TypedValue {
    @Override
    public CType type() {
      return CType.U32;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.processId(this);
    }
  }

  /** As the target sees it. */
  record ThreadId() implements TypedValue {
    @Override
    public CType type() {
      return CType.U32;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.threadId(this);
    }
  }

  /** See {@link UsdtOperand.Register}. */
  record Register(String name, int shift, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.register(this);
    }
  }

  /** Where a USDT probe keeps an argument in memory. */
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
   * @param dynamic see {@link ResolvedProbe.TracepointField}: then it is the address of its data
   */
  record RecordAddress(int offset, boolean dynamic, CType.Pointer type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.recordAddress(this);
    }
  }

  /** The address so many bytes behind another; with none, the same one seen as another type. */
  record Offset(TypedValue address, long bytes, CType.Pointer type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.offset(this);
    }
  }

  /** What is in memory; the event is lost if it cannot be read. */
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
   * @param operator not a dereference, of which a {@link Read} is made
   * @param type in which it is calculated
   */
  record Unary(UnaryOperator operator, TypedValue operand, CType.Int type) implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.unary(this);
    }
  }

  /**
   * @param right of a shift, less than the bits of the type; of a division, 0 is possible
   * @param type in which it is calculated, if it is no comparison; numbers wrap around in it
   */
  record Binary(BinaryOperator operator, TypedValue left, TypedValue right, CType.Int type)
      implements TypedValue {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.binary(this);
    }
  }

  /**
   * An address that many elements before or behind another.
   *
   * @param steps an integer
   */
  record PointerMove(TypedValue pointer, boolean back, TypedValue steps, CType.Pointer type)
      implements TypedValue {
    /** In bytes; of what has no size, GNU C's 1. */
    public int elementSize() {
      return Math.max(1, type.target().size());
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.pointerMove(this);
    }
  }

  /** How many elements are between two addresses. */
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
   * Whether a text is, or begins with, a literal: 1 or 0.
   *
   * @param exact whether it is the whole text
   */
  record StringMatch(boolean exact, String literal, TypedText text) implements TypedValue {
    @Override
    public CType type() {
      return CType.S32;
    }

    /** How much of the stack the text takes while it is compared, in words of 8 bytes. */
    public int words() {
      return (text.bytesToCompare(literal.length()) + Long.BYTES - 1) / Long.BYTES;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.stringMatch(this);
    }
  }
}
