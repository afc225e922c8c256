/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** What an expression, or a part of it, has become, and what may be done with it. */
sealed interface Operand {
  CType type();

  Space space();

  /** A value: an integer or a pointer. */
  record Scalar(TypedValue value, Space space) implements Operand {
    /** A number that leads nowhere. */
    static Scalar number(TypedValue value) {
      return new Scalar(value, Space.NONE);
    }

    /** A value of the probe: it leads somewhere if it is as wide as an address. */
    static Scalar seen(TypedValue value, Space space) {
      return new Scalar(value, value.type().size() == 8 ? space : Space.NONE);
    }

    @Override
    public CType type() {
      return value.type();
    }
  }

  /**
   * Something in memory that was not read yet.
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
