/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

/** Something that native code is given the address of. */
public sealed interface Native permits Memory, Struct {
  /** Returns where it is, as long as this object lives. */
  long address();
}
