/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import java.io.IOException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The name of a library, or the path of one, in which {@code *} stands for anything. A name is
 * compared with the file's, with and without {@code lib} before it and {@code .so} and what follows
 * behind it, and with the short one, which has no version.
 */
final class LibraryPattern {
  /** Most files that it may mean. */
  static final int MOST = 64;

  private final TargetProcess target;
  private final Glob name;

  /** The folder of a path; null for a name. */
  private final @Nullable String folder;

  private final @Nullable FileStatus folderStatus;

  /**
   * @param target whose files it is compared with
   */
  LibraryPattern(TargetProcess target, String text) {
    int file = text.lastIndexOf('/') + 1;
    this.target = target;
    this.name = new Glob(text.substring(file));
    this.folder = file == 0 ? null : text.substring(0, file);
    this.folderStatus = folder == null ? null : statusOf(KernelFile.asRead(folder));
  }

  /** Returns whether a library is written with {@code *}. */
  static boolean isPattern(String library) {
    return library.indexOf('*') >= 0;
  }

  boolean matches(MappedFile file) {
    if (folder != null) {
      return name.matches(file.name()) && isInFolder(file);
    }
    return Stream.of(file.name(), file.name().replaceFirst("\\.so.*$", ""))
        .flatMap(
            one -> Stream.of(one, one.replaceFirst("^lib", ""), MappedLibraries.shortName(one)))
        .anyMatch(name::matches);
  }

  /** Links may lead to the folder, as {@code /lib} leads to {@code /usr/lib}. */
  private boolean isInFolder(MappedFile file) {
    String folderOfFile = file.bytes().substring(0, file.bytes().lastIndexOf('/') + 1);
    if (KernelFile.readable(folderOfFile).equals(folder)) {
      return true;
    }
    FileStatus status = statusOf(folderOfFile);
    return folderStatus != null && status != null && status.isSameFile(folderStatus);
  }

  private @Nullable FileStatus statusOf(String path) {
    try {
      return RegularFile.statusInRoot(target.pid(), path, true);
    } catch (IOException e) {
      return null;
    }
  }
}
