/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

/**
 * Where the types that a specifier names come from, beside those of C and libc.
 *
 * @param kernel the running kernel
 * @param hotSpot the JVM of the target, for its own code
 */
public record TypeSources(TypeSource kernel, TypeSource hotSpot) {
  /** Returns those of a target of which no JVM is known. */
  public static TypeSources of(TypeSource kernel) {
    return new TypeSources(kernel, new NoTypes());
  }
}
