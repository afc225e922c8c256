/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** A text that a program compares or keeps. */
public sealed interface TypedText {
  /** The kernel's TASK_COMM_LEN: what a thread's name takes, with its NUL. */
  int THREAD_NAME_SIZE = 16;

  /** How many bytes are to be copied in order to compare with a literal of a length. */
  int bytesToCompare(int length);

  /** Answers what the visitor does for this kind of text. */
  <R> R accept(Visitor<R> visitor);

  /** Whoever does something with all kinds of texts. */
  interface Visitor<R> {
    R threadName(ThreadName name);

    R terminated(Terminated text);

    R counted(Counted text);
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
    /** One byte more than the literal and its NUL tells a longer text from an equal one. */
    @Override
    public int bytesToCompare(int length) {
      return length + 2;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.terminated(this);
    }
  }

  /** A text whose length the probe tells. */
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
}
