/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.specifier.Expression.Literal;
import java.math.BigInteger;

/**
 * C's rules for integer promotions, usual arithmetic conversions and types of literals (C11 6.3.1,
 * 6.4.4.1).
 */
final class IntegerRules {
  private static final BigInteger INT_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger UINT_MAX = BigInteger.valueOf(0xffffffffL);
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  private IntegerRules() {}

  static CType.Int promote(CType.Int type) {
    return type.size() < 4 ? CType.S32 : type;
  }

  static CType.Int common(CType.Int left, CType.Int right) {
    CType.Int a = promote(left);
    CType.Int b = promote(right);
    if (a.size() != b.size()) {
      return a.size() > b.size() ? a : b;
    }
    return a.signed() ? b : a;
  }

  static CType.Int typeOf(Literal literal) {
    BigInteger value = literal.value();
    boolean mayBeUnsigned = literal.unsigned() || !literal.decimal();
    if (!literal.isLong()) {
      if (!literal.unsigned() && value.compareTo(INT_MAX) <= 0) {
        return CType.S32;
      }
      if (mayBeUnsigned && value.compareTo(UINT_MAX) <= 0) {
        return CType.U32;
      }
    }
    boolean fitsSigned = value.compareTo(LONG_MAX) <= 0;
    return (!literal.unsigned() && fitsSigned ? CType.S64 : CType.U64);
  }
}
