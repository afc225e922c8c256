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
 * in user space, and the kernel's wins in the kernel.
 */
final class LayeredTypes implements TypeSource {
  private final LibcTypes libc;
  private final TypeSource kernel;
  private final boolean userSpace;
  private final Set<String> kernelStructsInUserSpace = new TreeSet<>();

  LayeredTypes(LibcTypes libc, TypeSource kernel, boolean userSpace) {
    this.libc = libc;
    this.kernel = kernel;
    this.userSpace = userSpace;
  }

  @Override
  public @Nullable CType named(String name) {
    CType first = userSpace ? libc.named(name) : kernel.named(name);
    if (first != null) {
      return first;
    }
    return userSpace ? kernel.named(name) : libc.named(name);
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
    names.addAll(kernel.names());
    return names;
  }

  private TypeSource owner(CType.Struct struct) {
    return libc.owns(struct) ? libc : kernel;
  }

  @Override
  public @Nullable Long constant(String name) {
    return kernel.constant(name);
  }

  @Override
  public @Nullable String unavailable() {
    return kernel.unavailable();
  }
}
