/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import org.jspecify.annotations.Nullable;

/** A C type as the generator needs it: without typedefs and qualifiers. An enum is an integer. */
public sealed interface CType {
  Int S8 = new Int(1, true);
  Int U8 = new Int(1, false);
  Int S16 = new Int(2, true);
  Int U16 = new Int(2, false);
  Int S32 = new Int(4, true);
  Int U32 = new Int(4, false);
  Int S64 = new Int(8, true);
  Int U64 = new Int(8, false);
  Int BOOL = new Int(1, false, true);
  CType OPAQUE = new Opaque("void");

  /**
   * Returns a type as a register holds it: an integer or a pointer. An unknown type, null, becomes
   * a number.
   */
  static CType inRegister(@Nullable CType type) {
    return type != null && type.isScalar() ? type : S64;
  }

  /** Returns the size in bytes; 0 if the type has none. */
  int size();

  /** Returns the type as people write it. */
  String describe();

  /** Returns whether a value of the type fits into a register. */
  boolean isScalar();

  /**
   * @param size in bytes: 1, 2, 4 or 8
   * @param truth whether it is {@code bool}, where every converted value becomes 0 or 1
   */
  record Int(int size, boolean signed, boolean truth) implements CType {
    public Int(int size, boolean signed) {
      this(size, signed, false);
    }

    @Override
    public boolean isScalar() {
      return true;
    }

    @Override
    public String describe() {
      return truth ? "bool" : (signed ? "s" : "u") + size * 8;
    }
  }

  /**
   * @param user whether it is declared to lead to user memory ({@code __user})
   */
  record Pointer(CType target, boolean user) implements CType {
    public Pointer(CType target) {
      this(target, false);
    }

    @Override
    public int size() {
      return 8;
    }

    @Override
    public boolean isScalar() {
      return true;
    }

    @Override
    public String describe() {
      return target.describe() + " *";
    }
  }

  /**
   * A struct or union. {@link TypeSource#member} knows its members.
   *
   * @param name {@code "struct file"}; for an anonymous one a description
   * @param id the source's own number for it
   * @param size in bytes
   */
  record Struct(String name, int id, int size) implements CType {
    /** The number of all classes of HotSpot, which their names tell apart. */
    public static final int OF_HOTSPOT = 0;

    @Override
    public boolean isScalar() {
      return false;
    }

    @Override
    public String describe() {
      return name;
    }
  }

  /**
   * @param length number of elements; 0 for a flexible array
   */
  record Array(CType element, int length) implements CType {
    @Override
    public int size() {
      return length * element.size();
    }

    @Override
    public boolean isScalar() {
      return false;
    }

    @Override
    public String describe() {
      return element.describe() + "[" + length + "]";
    }
  }

  /**
   * A type that a pointer may point to, but that cannot be read: {@code void}, a function, or an
   * unknown type.
   *
   * @param name as it was written, {@code "void"} if it has none
   */
  record Opaque(String name) implements CType {
    @Override
    public int size() {
      return 0;
    }

    @Override
    public boolean isScalar() {
      return false;
    }

    @Override
    public String describe() {
      return name;
    }
  }
}
