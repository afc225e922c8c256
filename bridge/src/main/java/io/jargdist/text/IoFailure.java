/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Comparator;
import java.util.Map;

/**
 * Turns an {@link IOException} into a sentence for people. The message of one that a file system
 * throws may be only a path: its type says what went wrong then.
 */
public final class IoFailure {
  private static final Map<Class<? extends FileSystemException>, String> WORDS =
      Map.of(
          NoSuchFileException.class, "there is no such file",
          AccessDeniedException.class, "this user may not",
          FileAlreadyExistsException.class, "it exists already",
          NotDirectoryException.class, "it is not a folder",
          DirectoryNotEmptyException.class, "the folder is not empty",
          FileSystemLoopException.class, "it leads to itself");

  /** What to do if a process has no descriptor left. */
  public static final String DESCRIPTORS = "raise the limit of descriptors (ulimit -n)";

  /** What to do if the machine has no descriptor left. */
  public static final String DESCRIPTORS_OF_MACHINE = "raise /proc/sys/fs/file-max";

  /** The errors of the kernel in the words of the C library, and what to do about them. */
  private static final Map<String, String> REMEDIES =
      Map.of(
          "No space left on device", "make room, or set XDG_CACHE_HOME to another file system",
          "Disk quota exceeded", "make room, or set XDG_CACHE_HOME to another file system",
          "Read-only file system", "set XDG_CACHE_HOME to a file system that can be written",
          "Too many open files", DESCRIPTORS,
          "Too many open files in system", DESCRIPTORS_OF_MACHINE,
          "failed to map segment from shared object",
              "it is on a file system mounted noexec: set XDG_CACHE_HOME to another one",
          "Cannot allocate memory", "free some memory");

  private IoFailure() {}

  /** Returns one line: what went wrong, with which file, and, if that is known, what to do. */
  public static String sentence(Throwable failure) {
    String text = words(failure);
    // Some words begin with all of others.
    return REMEDIES.keySet().stream()
        .filter(text::contains)
        .max(Comparator.comparingInt(String::length))
        .map(REMEDIES::get)
        .filter(remedy -> !text.contains(remedy))
        .map(remedy -> text + ": " + remedy)
        .orElse(text);
  }

  private static String words(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof FileSystemException e && e.getReason() == null) {
      String file = e.getFile() == null ? "a file" : e.getFile();
      String other = e.getOtherFile() == null ? "" : " -> " + e.getOtherFile();
      return file + other + ": " + WORDS.getOrDefault(e.getClass(), "the file system refuses it");
    }
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
