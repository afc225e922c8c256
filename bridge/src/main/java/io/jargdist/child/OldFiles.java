/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Limits the number of files in a folder that other processes add to and remove from, too. */
public final class OldFiles {
  /** The time is read once: another process may write the file while files are sorted. */
  private record Dated(Path file, FileTime modified) {}

  private OldFiles() {}

  /**
   * Removes all but the newest files.
   *
   * @param glob of the names of files that count, as {@link Files#newDirectoryStream(Path, String)}
   *     takes it
   * @param most how many of them stay
   */
  public static void remove(Path folder, String glob, int most) throws IOException {
    List<Dated> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
      found.forEach(file -> files.add(new Dated(file, modified(file))));
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    files.sort(Comparator.comparing(Dated::modified).reversed());
    for (Dated old : files.subList(Math.min(most, files.size()), files.size())) {
      Files.deleteIfExists(old.file());
    }
  }

  /** Returns when a file was last changed; a file that is gone is older than all others. */
  static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
