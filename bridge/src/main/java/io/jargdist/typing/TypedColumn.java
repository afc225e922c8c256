/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import org.jspecify.annotations.Nullable;

/** A value that a program stores of an event. */
public sealed interface TypedColumn {
  /** Calls the visitor's method for this kind of column. */
  <R> R accept(Visitor<R> visitor);

  /**
   * Returns the number under which the first event of a pair keeps just this; null if it has to be
   * computed.
   */
  @Nullable Integer keptIndex();

  /** Handles each kind of column. */
  interface Visitor<R> {
    R number(NumberColumn number);

    R text(TextColumn text);
  }

  /**
   * @param type in which the value is stored
   */
  record NumberColumn(TypedValue value, CType.Int type) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.number(this);
    }

    @Override
    public @Nullable Integer keptIndex() {
      return value instanceof TypedValue.Kept kept ? (Integer) kept.index() : null;
    }
  }

  /**
   * @param most see {@link KeyField}
   * @param size see {@link KeyField}
   */
  record TextColumn(TypedText text, int most, int size) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.text(this);
    }

    @Override
    public @Nullable Integer keptIndex() {
      return text instanceof TypedText.Kept kept ? (Integer) kept.index() : null;
    }
  }
}
