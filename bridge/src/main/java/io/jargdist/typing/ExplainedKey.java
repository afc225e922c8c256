/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.specifier.Expression.Explanation;

/** What a program keeps of a key that the reader makes a text of. */
public sealed interface ExplainedKey {
  /** Returns what the text says. */
  Explanation explanation();

  /** Calls the visitor's method for this kind of key. */
  <R> R accept(Visitor<R> visitor);

  /** Handles each kind of key. */
  interface Visitor<R> {
    R socketAddress(SocketAddress address);

    R addressBytes(AddressBytes address);

    R addressNumber(AddressNumber address);

    R openFile(OpenFile file);

    R fileAtEntry(FileAtEntry file);

    R kept(Kept kept);
  }

  /**
   * An address with its family and port.
   *
   * @param pointer to a {@code struct sockaddr} of any family
   */
  record SocketAddress(TypedValue pointer, Memory memory) implements ExplainedKey {
    @Override
    public Explanation explanation() {
      return Explanation.ADDRESS;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.socketAddress(this);
    }
  }

  /**
   * The bytes of an address in memory.
   *
   * @param pointer to the first one
   * @param version6 whether there are 16 of them, and not 4
   */
  record AddressBytes(TypedValue pointer, Memory memory, boolean version6) implements ExplainedKey {
    @Override
    public Explanation explanation() {
      return Explanation.ADDRESS;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.addressBytes(this);
    }
  }

  /**
   * The four bytes of an address as a number.
   *
   * @param value whose bytes in memory are the address
   */
  record AddressNumber(TypedValue value) implements ExplainedKey {
    @Override
    public Explanation explanation() {
      return Explanation.ADDRESS;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.addressNumber(this);
    }
  }

  /**
   * The file that a descriptor of the current process means.
   *
   * @param descriptor an integer
   */
  record OpenFile(TypedValue descriptor) implements ExplainedKey {
    /** How many bytes it takes on the stack to find out what tells it from others. */
    static final int STACK_BYTES = 64;

    @Override
    public Explanation explanation() {
      return Explanation.FILE;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.openFile(this);
    }
  }

  /**
   * The file that a parameter meant at the function's entry, which the stack of calls holds.
   *
   * @param place see {@link TypedValue.Parameter}
   */
  record FileAtEntry(int place) implements ExplainedKey {
    @Override
    public Explanation explanation() {
      return Explanation.FILE;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.fileAtEntry(this);
    }
  }

  /**
   * A key that the first event of a pair has kept.
   *
   * @param index of the {@linkplain PairEnd#kept column}
   */
  record Kept(Explanation explanation, int index) implements ExplainedKey {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.kept(this);
    }
  }
}
