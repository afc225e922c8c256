/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelException;

/**
 * Explains why the kernel does not attach to an instruction of a file, where its error does not.
 */
final class UprobeRefusal {
  private UprobeRefusal() {}

  /**
   * All probes on one instruction must name the same reference counter, or none (EINVAL in
   * alloc_uprobe, kernel/events/uprobes.c). bcc 0.26's argdist names a random one, since its Python
   * code leaves out an argument of bpf_attach_uprobe.
   */
  static KernelException explained(KernelException refused) {
    return refused.errno() == KernelException.EINVAL
        ? refused.explained(
            "somebody else probes the same instruction with another reference counter, as bcc's"
                + " argdist does: end that one, then try again")
        : refused;
  }
}
