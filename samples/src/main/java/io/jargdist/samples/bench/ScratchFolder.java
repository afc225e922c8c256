/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** An empty temporary folder; closing it deletes it with what is in it then. */
public record ScratchFolder(Path path) implements AutoCloseable {
  public static ScratchFolder create() throws IOException {
    // A cache folder must not be below one that other users can write, as /tmp is.
    Path home = Path.of(System.getProperty("user.home"));
    return new ScratchFolder(Files.createTempDirectory(home, ".jargdist-bench"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      files.sorted(Comparator.reverseOrder()).forEach(ScratchFolder::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
