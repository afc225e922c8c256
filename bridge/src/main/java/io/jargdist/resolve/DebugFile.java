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
 * What has the full symbol table of a stripped file in its place, with the same addresses: another
 * file, or a compressed part of the file itself. Owns the other file. Not thread-safe.
 */
final class DebugFile implements AutoCloseable {
  private final @Nullable RegularFile file;
  private final ElfSections sections;
  private final @Nullable Place place;

  /**
   * Where another file was found.
   *
   * @param pid the process in whose root it is, as this process sees it
   * @param bytes its path there, as {@link io.jargdist.os.KernelFile} reads one
   */
  record Place(long pid, String bytes) {}

  /** Of another file, which is taken over. */
  DebugFile(RegularFile file, ElfSections sections, Place place) {
    this.file = file;
    this.sections = sections;
    this.place = place;
  }

  /** Of a part of the file itself. */
  DebugFile(ElfSections sections) {
    this.file = null;
    this.sections = sections;
    this.place = null;
  }

  ElfSections sections() {
    return sections;
  }

  /** Null for a part of the file itself. */
  @Nullable Place place() {
    return place;
  }

  /**
   * Of the other file.
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
