/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Pointer;

/**
 * Machine code of our own, mapped from a file as a library is, so that it can be probed and run.
 * Owns the file and the mapping.
 */
final class OwnCode implements AutoCloseable {
  private final Path file;
  private final Pointer mapping;
  private final long length;

  private OwnCode(Path file, Pointer mapping, long length) {
    this.file = file;
    this.mapping = mapping;
    this.length = length;
  }

  /**
   * @param folder where code may be run from, ours only
   */
  static OwnCode map(Path folder, byte[] code) throws IOException, KernelException {
    Path file = Files.createTempFile(folder, "code-", ".bin");
    try {
      Files.write(file, code);
      return new OwnCode(file, Syscalls.mapCode(file.toString(), code.length), code.length);
    } catch (IOException | KernelException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  Path file() {
    return file;
  }

  /**
   * Calls the function at an offset.
   *
   * @param argument its only argument
   */
  void call(long offset, long argument) {
    Syscalls.call(mapping.address() + offset, argument);
  }

  @Override
  public void close() {
    Syscalls.unmap(mapping, length);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It is small, and in a folder of ours.
    }
  }
}
