/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Space;
import io.jargdist.typing.CType;
import io.jargdist.typing.Types;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where a USDT probe keeps one argument, read from the assembler operand in its ELF note. */
public sealed interface UsdtOperand {
  /** Type of the argument. */
  CType.Int type();

  /**
   * The C expression that has its value.
   *
   * @param registers from a register's name to the C expression that has its value
   * @return null if it cannot be read
   */
  @Nullable String c(UnaryOperator<String> registers);

  record Constant(CType.Int type, long value) implements UsdtOperand {
    @Override
    public String c(UnaryOperator<String> registers) {
      String digits =
          type.signed() ? Long.toString(value) + "LL" : Long.toUnsignedString(value) + "ULL";
      return "((" + Types.cName(type) + ")(" + digits + "))";
    }
  }

  /**
   * @param register the 64-bit register's name without a percent sign: {@code "rdi"}, {@code "r8"},
   *     {@code "x0"}, {@code "sp"}
   * @param shift by how many bits the value is displaced in it: 8 for {@code %ah}, else 0
   */
  record Register(CType.Int type, String register, int shift) implements UsdtOperand {
    @Override
    public String c(UnaryOperator<String> registers) {
      String value = registers.apply(register);
      String shifted = shift == 0 ? value : "(" + value + " >> " + shift + ")";
      return "((" + Types.cName(type) + ")" + shifted + ")";
    }
  }

  /** {@code displacement(base, index, scale)}. */
  record Memory(CType.Int type, String base, @Nullable String index, int scale, long displacement)
      implements UsdtOperand {
    @Override
    public String c(UnaryOperator<String> registers) {
      String elements = index == null ? "" : " + " + registers.apply(index) + " * " + scale;
      return "READ("
          + Types.cName(type)
          + ", "
          + Space.USER.reader()
          + ", ("
          + registers.apply(base)
          + elements
          + " + "
          + displacement
          + "LL))";
    }
  }

  /**
   * An argument that cannot be read, such as a floating-point register; the probe can be used
   * without it.
   *
   * @param text as the note has it
   */
  record Unreadable(CType.Int type, String text) implements UsdtOperand {
    @Override
    public @Nullable String c(UnaryOperator<String> registers) {
      return null;
    }
  }
}
