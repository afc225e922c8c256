/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.BaseTypes;
import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.TypeSources;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Resolves the names of types and of constants. */
final class Types {
  private final LayeredTypes source;
  private final LibcTypes libc;
  private final TypeSource kernel;
  private final Architecture architecture;
  private @Nullable Constants constants;

  /**
   * @param sources of which HotSpot's types come first
   * @param userSpace whether libc's types come before the kernel's types of the same name
   */
  Types(TypeSources sources, Architecture architecture, boolean userSpace) {
    this.kernel = sources.kernel();
    this.libc = new LibcTypes(architecture);
    this.source = new LayeredTypes(sources.hotSpot(), libc, kernel, userSpace);
    this.architecture = architecture;
  }

  TypeSource source() {
    return source;
  }

  TypeSource kernel() {
    return kernel;
  }

  /** Returns the structs that {@link SpecifierTyper#kernelStructs} returns. */
  Set<String> kernelStructs() {
    return source.kernelStructsInUserSpace();
  }

  Constants constants() {
    if (constants == null) {
      constants = new Constants(kernel, architecture);
    }
    return constants;
  }

  /** Returns a hint about what to write instead of an unknown type. */
  String hint(String unknown) {
    if (unknown.matches("(?i)str|string|text")) {
      return "text is char*";
    }
    String kind = kind(unknown);
    List<String> names = new ArrayList<>(BaseTypes.names());
    names.addAll(source.names());
    names.removeIf(name -> !kind(name).equals(kind));
    names.replaceAll(name -> name.substring(kind.length()));
    List<String> near = Similar.nearest(unknown.substring(kind.length()), names, 3);
    if (!near.isEmpty()) {
      return near.stream()
          .map(kind::concat)
          .collect(Collectors.joining(", ", "did you mean ", "?"));
    }
    String why = source.unavailable();
    return why != null ? why : "write a type of its size: int, u64, void *";
  }

  /**
   * Returns the words before the name: {@code "struct "}, {@code "union "}, {@code "enum "}, or "".
   */
  private static String kind(String type) {
    return type.substring(0, type.lastIndexOf(' ') + 1).matches("(struct|union|enum) ")
        ? type.substring(0, type.indexOf(' ') + 1)
        : "";
  }

  /**
   * @return null for an unknown type; a pointer to an unknown type is known, but what it points to
   *     cannot be read
   */
  @Nullable CType resolve(TypeName name) {
    CType type = BaseTypes.named(name.base());
    if (name.base().equals("char")) {
      type = architecture.choose(CType.S8, CType.U8);
    }
    if (type == null) {
      type = source.named(name.base());
    }
    if (type == null && name.pointers() > 0) {
      type = new CType.Opaque(name.base());
    }
    for (int i = 1; type != null && i <= name.pointers(); i++) {
      type = new CType.Pointer(type, name.user() && i == name.pointers());
    }
    return type;
  }

  /**
   * Returns a type as a register holds it: an integer or a pointer. An unknown type becomes a
   * number.
   */
  CType inRegister(TypeName name) {
    return CType.inRegister(resolve(name));
  }
}
