/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source that has no type. */
public record NoTypes() implements TypeSource {
  @Override
  public @Nullable CType named(String name) {
    return null;
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    return null;
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    return List.of();
  }

  @Override
  public @Nullable Long constant(String name) {
    return null;
  }

  @Override
  public Collection<String> names() {
    return List.of();
  }
}
