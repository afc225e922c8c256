/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** Finds the mapped files that a specifier means by the name of a library. */
final class MappedLibraries {
  /** A library's name as specifiers can have it. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.+@-]+");

  private MappedLibraries() {}

  /**
   * Returns all that a name means: a process can have mapped several files of one name, for
   * instance copies that libraries bring with them. A path means what is mapped there. See {@link
   * LibraryPattern} for {@code *}.
   *
   * @return empty if nothing of that name is mapped; the same file can be there under several paths
   */
  static List<MappedFile> named(TargetProcess target, String name) {
    if (LibraryPattern.isPattern(name)) {
      LibraryPattern pattern = new LibraryPattern(target, name);
      return target.files().stream().filter(pattern::matches).toList();
    }
    return target.files().stream()
        .filter(
            file -> name.startsWith("/") ? isAt(target, file, name) : isNamed(file.name(), name))
        .toList();
  }

  /** Returns what could have been meant by a name that no file has. */
  static String hint(TargetProcess target, String name) {
    return LibraryHint.of(name, target.files().stream().map(MappedFile::name).toList());
  }

  /**
   * Returns the name by which a specifier calls a file: {@code jvm} for {@code libjvm.so}, {@code
   * c} for {@code libc-2.31.so}.
   */
  static String shortName(String file) {
    return file.replaceFirst("^lib", "").replaceFirst("(-[0-9.]+)?\\.so.*$", "");
  }

  /** Returns the shortest name that means a file, perhaps with others; its path if it has none. */
  static String shortestName(MappedFile file) {
    String name = shortName(file.name());
    if (name.isEmpty() || !isNamed(file.name(), name)) {
      name = file.name();
    }
    return PLAIN.matcher(name).matches() ? name : file.path();
  }

  /**
   * Returns whether a path leads to a file, perhaps by links, as {@code /lib} leads to {@code
   * /usr/lib}.
   */
  private static boolean isAt(TargetProcess target, MappedFile file, String path) {
    if (file.path().equals(path)) {
      return true;
    }
    String asked = KernelFile.asRead(path);
    try (RegularFile mapped = target.open(file)) {
      return RegularFile.statusInRoot(target.pid(), asked, true).isSameFile(mapped.status());
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns whether a file is the library that a specifier calls by a short name. */
  static boolean isNamed(String file, String name) {
    if (name.equals("c") && (file.startsWith("ld-musl-") || file.startsWith("libc.musl-"))) {
      return true;
    }
    String library = "lib" + name;
    return file.equals(name)
        || file.equals(library)
        || file.startsWith(library + ".so")
        || file.matches(Pattern.quote(library) + "-[0-9.]+\\.so.*");
  }
}
