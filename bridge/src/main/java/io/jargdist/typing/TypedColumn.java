/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** What a program keeps of an event. */
public sealed interface TypedColumn {
  /** Answers what the visitor does for this kind of column. */
  <R> R accept(Visitor<R> visitor);

  /** Whoever does something with all kinds of columns. */
  interface Visitor<R> {
    R number(NumberColumn number);

    R text(TextColumn text);
  }

  /**
   * @param type as which it is kept
   */
  record NumberColumn(TypedValue value, CType.Int type) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.number(this);
    }
  }

  /**
   * @param most see {@link KeyField}
   */
  record TextColumn(TypedText text, int most) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.text(this);
    }
  }
}
