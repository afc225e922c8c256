/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.specifier.TypeName;
import org.jspecify.annotations.Nullable;

/** Type names to types. */
final class Types {
  private final TypeSource source;

  Types(TypeSource source) {
    this.source = source;
  }

  TypeSource source() {
    return source;
  }

  /**
   * @return null for an unknown type; a pointer to an unknown type is known, but leads to nothing
   *     readable
   */
  @Nullable CType resolve(TypeName name) {
    CType type = BaseTypes.named(name.base());
    if (type == null) {
      type = source.named(name.base());
    }
    if (type == null && name.pointers() > 0) {
      type = CType.OPAQUE;
    }
    for (int i = 0; type != null && i < name.pointers(); i++) {
      type = new CType.Pointer(type);
    }
    return type;
  }

  /** A type as a register holds it: an integer or a pointer; an unknown type is a number. */
  CType inRegister(TypeName name) {
    CType type = resolve(name);
    return type instanceof CType.Int || type instanceof CType.Pointer ? type : CType.S64;
  }

  /** In bytes; 0 for what has no size. */
  static int sizeOf(CType type) {
    if (type instanceof CType.Int integer) {
      return integer.size();
    } else if (type instanceof CType.Pointer) {
      return 8;
    } else if (type instanceof CType.Struct struct) {
      return struct.size();
    } else if (type instanceof CType.Array array) {
      return array.length() * sizeOf(array.element());
    }
    return 0;
  }

  /** The name under which the generated text declares values of a type. */
  static String cName(CType type) {
    return type instanceof CType.Int integer
        ? (integer.signed() ? "s" : "u") + integer.size() * 8
        : "u64";
  }

  /** For people. */
  static String describe(CType type) {
    if (type instanceof CType.Pointer pointer) {
      return describe(pointer.target()) + " *";
    } else if (type instanceof CType.Struct struct) {
      return struct.name();
    } else if (type instanceof CType.Array array) {
      return describe(array.element()) + "[" + array.length() + "]";
    }
    return type instanceof CType.Int ? cName(type) : "void";
  }
}
