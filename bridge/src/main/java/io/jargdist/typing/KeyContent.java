/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.specifier.Expression.Explanation;

/** What a column of a key has, and how it lies in the bytes of the key. */
public sealed interface KeyContent {
  /** Returns its size in bytes. */
  int size();

  /** Returns the number of bytes of which its offset is a multiple. */
  int alignment();

  /** Calls the visitor's method for this kind of content. */
  <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E;

  /** Handles each kind of content. */
  interface Visitor<R, E extends Exception> {
    R number(NumberContent number) throws E;

    R text(TextContent text) throws E;

    R explained(ExplainedContent explained) throws E;
  }

  record NumberContent(CType.Int type) implements KeyContent {
    @Override
    public int size() {
      return type.size();
    }

    @Override
    public int alignment() {
      return type.size();
    }

    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.number(this);
    }
  }

  /**
   * @param most at most how many bytes of the text are stored; a NUL may end it before. The byte
   *     behind them is not 0 if the text goes on.
   * @param size in bytes, with what stands behind the text
   */
  record TextContent(int most, int size) implements KeyContent {
    /** The bytes behind a text: one more byte of it, which tells whether it goes on, and a NUL. */
    private static final int END = 2;

    /**
     * @param most see {@link TextContent}
     */
    static TextContent of(int most) {
      return new TextContent(most, most + END);
    }

    /** Returns the content of a thread's name. It ends there anyway, so it needs only the NUL. */
    static TextContent ofThreadName() {
      return new TextContent(TypedText.THREAD_NAME_SIZE - 1, TypedText.THREAD_NAME_SIZE);
    }

    @Override
    public int alignment() {
      return 1;
    }

    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.text(this);
    }
  }

  /** What the reader makes a text of. */
  record ExplainedContent(Explanation explanation) implements KeyContent {
    /** The family, the port and 16 bytes of an address; {@code struct address} in the C text. */
    private static final int ADDRESS_SIZE = 20;

    @Override
    public int size() {
      return switch (explanation) {
        case ADDRESS -> ADDRESS_SIZE;
        case FILE -> Long.BYTES;
      };
    }

    @Override
    public int alignment() {
      return switch (explanation) {
        case ADDRESS -> Integer.BYTES;
        case FILE -> Long.BYTES;
      };
    }

    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.explained(this);
    }
  }
}
