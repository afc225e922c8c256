/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Machine code of our own, mapped from a file as a library is, so that it can be probed and run.
 * The file has no name any more, so that nothing is left however this process ends. Owns the file's
 * descriptor and the mapping.
 */
public final class OwnCode implements AutoCloseable {
  private final int fd;
  private final Memory mapping;

  private OwnCode(int fd, Memory mapping) {
    this.fd = fd;
    this.mapping = mapping;
  }

  /**
   * @param folder where code may be run from, ours only
   */
  public static OwnCode map(Path folder, byte[] code) throws IOException, KernelException {
    Path file = Files.createTempFile(folder, "code-", ".bin");
    try {
      Files.write(file, code);
      int fd = Syscalls.open("opening " + file, file.toString(), 0);
      try {
        return new OwnCode(fd, Syscalls.mapCode(file.toString(), fd, code.length));
      } catch (KernelException e) {
        Syscalls.close(fd);
        throw e;
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Returns the path by which this process finds the file. */
  public Path file() {
    return Path.of("/proc/self/fd", Integer.toString(fd));
  }

  /**
   * Calls the function at an offset.
   *
   * @param argument its only argument
   */
  public void call(long offset, long argument) {
    new NativeFunction(mapping.address() + offset).call(argument);
  }

  @Override
  public void close() {
    Syscalls.unmap(mapping);
    Syscalls.close(fd);
  }
}
