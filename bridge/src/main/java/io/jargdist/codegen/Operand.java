/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.typing.CType;
import io.jargdist.typing.TypeSource;

/** What an expression, or a part of it, has become in C. */
sealed interface Operand {
  CType type();

  Space space();

  /** Which memory an address leads to, and so which reader it takes. */
  enum Space {
    USER("bpf_probe_read_user"),
    KERNEL("bpf_probe_read_kernel"),
    /** A tracepoint's own record. The verifier lets nobody calculate with its address. */
    RECORD("bpf_probe_read_kernel"),
    /** Kernel memory with a copy of what user space passed: addresses in it lead there. */
    KERNEL_COPY("bpf_probe_read_kernel"),
    /** Not an address, or one that was computed: nothing may be read through it. */
    NONE("");

    private final String reader;

    Space(String reader) {
      this.reader = reader;
    }

    /** The BPF helper that copies from there. */
    String reader() {
      return reader;
    }

    /** Which memory an address leads to that was found in this one. */
    Space ofAddressesIn() {
      return this == KERNEL_COPY ? USER : this;
    }
  }

  /**
   * A value. In C a pointer is a {@code u64}, too: all arithmetic on addresses is ours.
   *
   * @param c a C expression that binds tighter than any operator
   * @param type an integer or a pointer
   */
  record Scalar(String c, CType type, Space space) implements Operand {}

  /**
   * Something in memory that was not read yet.
   *
   * @param address a C expression of type {@code u64}
   * @param bitShift see {@link TypeSource.Member}
   * @param bitWidth 0 unless it is a bit field
   */
  record Place(String address, CType type, Space space, int bitShift, int bitWidth)
      implements Operand {
    Place(String address, CType type, Space space) {
      this(address, type, space, 0, 0);
    }
  }
}
