/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** Which memory an address leads to. */
enum Space {
  USER,
  KERNEL,
  /** A tracepoint's own record. The verifier lets nobody calculate with its address. */
  RECORD,
  /** Kernel memory with a copy of what user space passed: addresses in it lead there. */
  KERNEL_COPY,
  /** Not an address, or one that was computed: nothing may be read through it. */
  NONE;

  /** Which memory an address leads to that was found in this one. */
  Space ofAddressesIn() {
    return this == KERNEL_COPY ? USER : this;
  }

  /** How it is read. */
  Memory memory() {
    return switch (this) {
      case USER -> Memory.USER;
      case KERNEL, RECORD, KERNEL_COPY -> Memory.KERNEL;
      case NONE -> throw new IllegalStateException("nothing may be read through this");
    };
  }
}
