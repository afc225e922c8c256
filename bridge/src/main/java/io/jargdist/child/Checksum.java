/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;

/**
 * Tells a file that is whole from one that was damaged. Nobody else can write into our folder, so
 * it need not tell a forged one.
 */
record Checksum(long crc, long size) {
  private static final int READ_AT_ONCE = 1 << 16;

  static Checksum of(JarEntry entry) {
    return new Checksum(entry.getCrc(), entry.getSize());
  }

  static Checksum of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      CRC32 crc = new CRC32();
      long size = 0;
      byte[] part = new byte[READ_AT_ONCE];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        crc.update(part, 0, n);
        size += n;
      }
      return new Checksum(crc.getValue(), size);
    }
  }
}
