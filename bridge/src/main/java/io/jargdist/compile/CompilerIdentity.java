/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kernel and libbcc, which decide which programs a text becomes. */
final class CompilerIdentity {
  private static final List<Path> LIBRARY_FOLDERS =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib/aarch64-linux-gnu"),
          Path.of("/usr/lib64"),
          Path.of("/usr/lib"),
          Path.of("/usr/local/lib"));

  private CompilerIdentity() {}

  /** Returns a text that identifies them; null if libbcc is not found. */
  static @Nullable String text() {
    try {
      for (Path libraryFolder : LIBRARY_FOLDERS) {
        Path library = libraryFolder.resolve("libbcc.so.0");
        if (Files.isRegularFile(library)) {
          return String.join(
              "\0",
              KernelIdentity.release(),
              KernelIdentity.version(),
              library.toRealPath().toString(),
              Long.toString(Files.size(library)),
              Files.getLastModifiedTime(library).toString());
        }
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }
}
