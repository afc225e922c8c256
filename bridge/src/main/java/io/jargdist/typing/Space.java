/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** The memory that an address leads to. */
enum Space {
  USER,
  KERNEL,
  /** A tracepoint's own record. The verifier lets no program calculate with its address. */
  RECORD,
  /** Kernel memory with a copy of what user space passed. Addresses in it lead to user memory. */
  KERNEL_COPY,
  /** A number that is no address, or a computed address. It cannot be used to read memory. */
  NONE;

  /** Returns the memory that an address leads to if the address itself was read from this one. */
  Space ofAddressesIn() {
    return this == KERNEL_COPY ? USER : this;
  }

  /** Returns how programs read this memory. */
  Memory memory() {
    return switch (this) {
      case USER -> Memory.USER;
      case KERNEL, RECORD, KERNEL_COPY -> Memory.KERNEL;
      case NONE -> throw new IllegalStateException("nothing may be read through this");
    };
  }
}
