/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** Memory that a program reads. */
public enum Memory {
  USER,
  KERNEL
}
