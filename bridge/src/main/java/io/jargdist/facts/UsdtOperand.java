/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import org.jspecify.annotations.Nullable;

/**
 * The place where a USDT probe has one argument. The probe's ELF note has it as an assembler
 * operand.
 */
public sealed interface UsdtOperand {
  /** Returns the type of the argument. */
  CType.Int type();

  /** Calls the visitor's method for this kind of operand. */
  <R> R accept(Visitor<R> visitor);

  /** Handles each kind of operand. */
  interface Visitor<R> {
    R constant(Constant constant);

    R register(Register register);

    R memory(Memory memory);

    R unreadable(Unreadable unreadable);
  }

  record Constant(CType.Int type, long value) implements UsdtOperand {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.constant(this);
    }
  }

  /**
   * @param register the 64-bit register's name without a percent sign: {@code "rdi"}, {@code "r8"},
   *     {@code "x0"}, {@code "sp"}
   * @param shift how many bits are below the value in the register: 8 for {@code %ah}, else 0
   */
  record Register(CType.Int type, String register, int shift) implements UsdtOperand {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.register(this);
    }
  }

  /** {@code displacement(base, index, scale)}. */
  record Memory(CType.Int type, String base, @Nullable String index, int scale, long displacement)
      implements UsdtOperand {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.memory(this);
    }
  }

  /**
   * An argument that cannot be read, for instance from a floating-point register. The probe can be
   * used without it.
   *
   * @param text as the note has it
   */
  record Unreadable(CType.Int type, String text) implements UsdtOperand {
    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.unreadable(this);
    }
  }
}
