/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;

/**
 * This user's folder for unpacked libraries, compiled programs and sockets: {@code
 * $XDG_CACHE_HOME/jargdist}, else {@code ~/.cache/jargdist}.
 *
 * <p>What lies in it is run with our privileges, so it must be a real directory, ours, closed to
 * other users, and no other user may be able to put another one in its place ({@link
 * PathTrust#LASTING}). There is no second choice: a folder that is refused is an error.
 */
public final class PrivateDirectory {
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** The prefix of folders that are there for one start of a process. */
  public static final String TEMPORARY = "run-";

  /**
   * After this time a temporary folder has no owner any more: each is there for a start, which
   * takes a minute at most. Its owner was killed by a signal that no process can catch.
   */
  public static final Duration ABANDONED = Duration.ofHours(1);

  private PrivateDirectory() {}

  /** Returns the folder; it is made if it does not exist. */
  public static Path find() throws IOException {
    Path parent = parent();
    try {
      return verified(made(parent).resolve("jargdist"));
    } catch (IOException e) {
      throw new IOException(
          "no private folder in "
              + parent
              + " ("
              + reason(e)
              + "): set XDG_CACHE_HOME to a folder that only this user and root can write, and"
              + " whose parents only they can write",
          e);
    }
  }

  private static Path parent() throws IOException {
    String cache = System.getenv("XDG_CACHE_HOME");
    if (cache != null && !cache.isEmpty()) {
      if (!cache.startsWith("/")) {
        throw new IOException("XDG_CACHE_HOME is no absolute path: " + cache);
      }
      return Path.of(cache).normalize();
    }
    // A user without an entry in /etc/passwd has the home "?" here.
    for (String home : new String[] {System.getProperty("user.home"), System.getenv("HOME")}) {
      if (home != null && home.startsWith("/")) {
        return Path.of(home, ".cache").normalize();
      }
    }
    throw new IOException(
        "this user has no home: set XDG_CACHE_HOME to a folder that only this user and root can"
            + " write");
  }

  /** Makes what is missing, below what is there and is trusted. */
  private static Path made(Path folder) throws IOException {
    Path above = folder.getParent();
    if (above != null && !Files.exists(folder)) {
      Path inside = made(above).resolve(folder.getFileName());
      try {
        Files.createDirectory(inside, OURS_ONLY);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster.
      }
      return PathTrust.LASTING.check(inside);
    }
    return PathTrust.LASTING.check(folder);
  }

  /** The message of some errors of the file system is the path alone. */
  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName().replaceFirst("Exception$", "");
    return e.getClass() == IOException.class ? String.valueOf(e.getMessage()) : name;
  }

  /**
   * Returns a new folder in it, for one purpose and a short time. Those that were left behind long
   * ago are removed.
   */
  public static Path createTemporary() throws IOException {
    Path directory = find();
    removeAbandoned(directory);
    return Files.createTempDirectory(directory, TEMPORARY, OURS_ONLY);
  }

  private static void removeAbandoned(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path old : all.filter(PrivateDirectory::isAbandoned).toList()) {
        removeFolder(old);
      }
    }
  }

  private static boolean isAbandoned(Path folder) {
    try {
      return folder.getFileName().toString().startsWith(TEMPORARY)
          && Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS)
              .toInstant()
              .isBefore(Instant.now().minus(ABANDONED));
    } catch (IOException e) {
      return false;
    }
  }

  private static void removeFolder(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Another process removes it at the same time.
    }
  }

  /** Returns a folder of that name in it. */
  public static Path subdirectory(String name) throws IOException {
    return verified(find().resolve(name));
  }

  private static Path verified(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, OURS_ONLY);
    } catch (FileAlreadyExistsException e) {
      // It exists already. The checks below say whether it is ours.
    }
    Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !owner.equals(PathTrust.self())
        || !PosixFilePermissions.fromString("rwx------").containsAll(permissions)) {
      throw new IOException(directory + " is not a private folder of this user: remove it");
    }
    return directory;
  }
}
