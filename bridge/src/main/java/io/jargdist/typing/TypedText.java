/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** A text that a program compares or stores. */
public sealed interface TypedText {
  /** The size of a thread's name with its NUL, the kernel's TASK_COMM_LEN. */
  int THREAD_NAME_SIZE = 16;

  /** Returns how many bytes must be copied to compare the text with a literal of a length. */
  int bytesToCompare(int length);

  /** Calls the visitor's method for this kind of text. */
  <R> R accept(Visitor<R> visitor);

  /** Handles each kind of text. */
  interface Visitor<R> {
    R threadName(ThreadName name);

    R terminated(Terminated text);

    R counted(Counted text);

    R kept(Kept text);
  }

  record ThreadName() implements TypedText {
    @Override
    public int bytesToCompare(int length) {
      return THREAD_NAME_SIZE;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.threadName(this);
    }
  }

  /** A text that ends with NUL. */
  record Terminated(TypedValue address, Memory memory) implements TypedText {
    /** Adds one byte to the literal and its NUL, which tells a longer text from an equal one. */
    @Override
    public int bytesToCompare(int length) {
      return length + 2;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.terminated(this);
    }
  }

  /** A text whose length the probe passes. */
  record Counted(TypedValue address, Memory memory, TypedValue length) implements TypedText {
    @Override
    public int bytesToCompare(int length) {
      return length + 1;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.counted(this);
    }
  }

  /**
   * A text that the first event of a pair has kept.
   *
   * @param index of the {@linkplain PairEnd#kept column}
   */
  record Kept(int index) implements TypedText {
    @Override
    public int bytesToCompare(int length) {
      throw new IllegalStateException("what is compared is kept as a number");
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.kept(this);
    }
  }
}
