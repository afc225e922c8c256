/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelException;

/**
 * A program at the places that run it. Closing detaches it; the kernel does so, too, at the end of
 * this process. Closing waits for the kernel to make sure that no processor runs the program any
 * more: 20 to 130 ms for uprobes.
 */
interface Attachment extends AutoCloseable {
  /** Stops the program from being run, fast, where the kernel can do that; else does nothing. */
  void disable() throws KernelException;

  @Override
  void close();
}
