/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;

/** The typed form of an expression or of a part of it, with what is allowed on it. */
sealed interface Operand {
  CType type();

  Space space();

  /** An integer or a pointer. */
  record Scalar(TypedValue value, Space space) implements Operand {
    /** Returns a number that is no address. */
    static Scalar number(TypedValue value) {
      return new Scalar(value, Space.NONE);
    }

    /** Returns a value of the probe. It may be used as an address if it is as wide as one. */
    static Scalar seen(TypedValue value, Space space) {
      return new Scalar(value, value.type().size() == 8 ? space : Space.NONE);
    }

    @Override
    public CType type() {
      return value.type();
    }
  }

  /**
   * A place in memory that has not been read yet.
   *
   * @param bitShift see {@link TypeSource.Member}
   * @param bitWidth 0 unless it is a bit field
   */
  record Place(TypedValue address, CType type, Space space, int bitShift, int bitWidth)
      implements Operand {
    Place(TypedValue address, CType type, Space space) {
      this(address, type, space, 0, 0);
    }
  }
}
