/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.FileStatus;
import io.jargdist.os.RegularFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The full symbol table of a stripped file, with the same addresses. It is in another file, or in a
 * compressed part of the file itself. Owns the other file. Not thread-safe.
 */
final class DebugFile implements AutoCloseable {
  private final @Nullable RegularFile file;
  private final ElfSections sections;
  private final @Nullable Place place;

  /**
   * The place where another file was found.
   *
   * @param pid the process in whose root it is, as this process sees it
   * @param bytes its path there, as {@link io.jargdist.os.KernelFile} reads one
   */
  record Place(long pid, String bytes) {}

  /** Makes one of another file, and takes that file over. */
  DebugFile(RegularFile file, ElfSections sections, Place place) {
    this.file = file;
    this.sections = sections;
    this.place = place;
  }

  /** Makes one of a part of the file itself. */
  DebugFile(ElfSections sections) {
    this.file = null;
    this.sections = sections;
    this.place = null;
  }

  ElfSections sections() {
    return sections;
  }

  /** Returns null for a part of the file itself. */
  @Nullable Place place() {
    return place;
  }

  /**
   * Returns the status of the other file.
   *
   * @throws IllegalStateException for a part of the file itself
   */
  FileStatus status() throws IOException {
    if (file == null) {
      throw new IllegalStateException("it is no file of its own");
    }
    return file.status();
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
