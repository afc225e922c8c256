/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The types that a probe can name. If libc and the kernel have a type of the same name, libc's wins
 * in user space, and the kernel's wins in the kernel. In libjvm HotSpot's wins, but HotSpot has no
 * names that begin with struct, union or enum.
 */
final class LayeredTypes implements TypeSource {
  private final TypeSource hotSpot;
  private final LibcTypes libc;
  private final TypeSource kernel;
  private final boolean userSpace;
  private final Set<String> kernelStructsInUserSpace = new TreeSet<>();

  /**
   * @param hotSpot has no types outside of libjvm
   * @param userSpace whether libc's types come before the kernel's
   */
  LayeredTypes(TypeSource hotSpot, LibcTypes libc, TypeSource kernel, boolean userSpace) {
    this.hotSpot = hotSpot;
    this.libc = libc;
    this.kernel = kernel;
    this.userSpace = userSpace;
  }

  @Override
  public @Nullable CType named(String name) {
    List<TypeSource> sources = userSpace ? List.of(hotSpot, libc, kernel) : List.of(kernel, libc);
    for (TypeSource source : sources) {
      CType found = source.named(name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    TypeSource owner = owner(struct);
    if (userSpace && owner == kernel) {
      kernelStructsInUserSpace.add(struct.name());
    }
    return owner.member(struct, name);
  }

  /**
   * Returns the structs whose members were used in user space although only the kernel's layout is
   * known.
   */
  Set<String> kernelStructsInUserSpace() {
    return kernelStructsInUserSpace;
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    return owner(struct).memberNames(struct);
  }

  @Override
  public Collection<String> names() {
    Set<String> names = new TreeSet<>(libc.names());
    names.addAll(hotSpot.names());
    names.addAll(kernel.names());
    return names;
  }

  private TypeSource owner(CType.Struct struct) {
    if (struct.id() == CType.Struct.OF_HOTSPOT) {
      return hotSpot;
    }
    return libc.owns(struct) ? libc : kernel;
  }

  @Override
  public @Nullable Long constant(String name) {
    return kernel.constant(name);
  }

  @Override
  public @Nullable String unavailable() {
    String why = hotSpot.unavailable();
    return why == null ? kernel.unavailable() : why;
  }
}
