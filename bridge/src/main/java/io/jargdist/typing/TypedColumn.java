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

  /** Returns how it lies in a key, or in what the first event of a pair keeps. */
  KeyContent content();

  /** Handles each kind of column. */
  interface Visitor<R> {
    R number(NumberColumn number);

    R text(TextColumn text);

    R explained(ExplainedColumn explained);
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
    public KeyContent content() {
      return new KeyContent.NumberContent(type);
    }

    @Override
    public @Nullable Integer keptIndex() {
      return value instanceof TypedValue.Kept kept ? (Integer) kept.index() : null;
    }
  }

  record TextColumn(TypedText text, KeyContent.TextContent content) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.text(this);
    }

    @Override
    public @Nullable Integer keptIndex() {
      return text instanceof TypedText.Kept kept ? (Integer) kept.index() : null;
    }
  }

  record ExplainedColumn(ExplainedKey key) implements TypedColumn {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.explained(this);
    }

    @Override
    public KeyContent content() {
      return new KeyContent.ExplainedContent(key.explanation());
    }

    @Override
    public @Nullable Integer keptIndex() {
      return key instanceof ExplainedKey.Kept kept ? (Integer) kept.index() : null;
    }
  }
}
