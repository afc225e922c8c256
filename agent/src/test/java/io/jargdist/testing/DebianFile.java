/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A file that a package of Debian brings: bin/test fetches those that tests need. */
public final class DebianFile {
  private static final Path FETCHED =
      Path.of(System.getProperty("jargdist.jar", "target/jargdist.jar"))
          .toAbsolutePath()
          .resolveSibling("tools");

  /** The folder of one processor's libraries is one below. */
  private static final int DEEP = 2;

  private DebianFile() {}

  /**
   * Where it is, on this machine or among what was fetched. The test is skipped if it is nowhere.
   *
   * @param folder below the root: the file is in it or in one of its folders
   */
  public static Path find(String folder, String name) throws IOException {
    for (Path root : List.of(Path.of("/"), FETCHED)) {
      try (Stream<Path> files =
          Files.find(root.resolve(folder), DEEP, (file, is) -> file.endsWith(name))) {
        Path found = files.findFirst().orElse(null);
        if (found != null) {
          return found;
        }
      } catch (NoSuchFileException e) {
        // Nothing was fetched.
      }
    }
    Skips.unless(false, "there is no " + name + ": bin/test fetches it");
    throw new IllegalStateException("skipped");
  }
}
