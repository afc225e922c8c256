/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source of named types and of the layout of structs, such as the kernel's BTF. */
public interface TypeSource {
  /**
   * @param name a typedef ({@code "gfp_t"}), or {@code "struct NAME"}, {@code "union NAME"}, {@code
   *     "enum NAME"}
   * @return null if there is no such type
   */
  @Nullable CType named(String name);

  /**
   * Returns a member by name, also if it is inside anonymous structs or unions.
   *
   * @return null if the struct has no such member
   */
  @Nullable Member member(CType.Struct struct, String name);

  /** Returns the names of all members, for suggestions. */
  List<String> memberNames(CType.Struct struct);

  /**
   * Returns the value of an enum constant.
   *
   * @return null if there is no such constant
   */
  @Nullable Long constant(String name);

  /** Returns the names of all types that {@link #named} knows, for suggestions. */
  Collection<String> names();

  /**
   * Returns the number of a variable of the kernel.
   *
   * @return null if there is no such variable
   */
  default @Nullable Integer variableId(String name) {
    return null;
  }

  /** Returns the reason why there are no types at all; null if there are some. */
  default @Nullable String unavailable() {
    return null;
  }

  /**
   * @param offset from the start of the struct, in bytes, of the member or of the storage unit that
   *     holds its bits
   * @param bitShift for a bit field, its distance from the storage unit's lowest bit; else 0
   * @param bitWidth for a bit field, its width; 0 for a plain member
   */
  record Member(int offset, CType type, int bitShift, int bitWidth) {}
}
