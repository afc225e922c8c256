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
import java.util.Set;

/**
 * This user's folder for unpacked libraries, compiled programs and sockets: {@code
 * $XDG_CACHE_HOME/jargdist}, else {@code ~/.cache/jargdist}, else {@code /tmp/jargdist-USER}.
 *
 * <p>What lies in it is run with our privileges, so it must be a real directory, ours, and closed
 * to everybody else; anything else is refused.
 */
public final class PrivateDirectory {
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateDirectory() {}

  /** The folder; it is made if it does not exist. */
  public static Path find() throws IOException {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path parent =
        cache != null && cache.startsWith("/")
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home", "/nonexistent"), ".cache");
    try {
      Files.createDirectories(parent);
      return verified(parent.resolve("jargdist"));
    } catch (IOException e) {
      return verified(Path.of("/tmp", "jargdist-" + System.getProperty("user.name", "nobody")));
    }
  }

  /** A new folder in it, for one purpose and a short time. */
  public static Path createTemporary() throws IOException {
    return Files.createTempDirectory(find(), "run-", OURS_ONLY);
  }

  /** A folder of that name in it. */
  public static Path subdirectory(String name) throws IOException {
    return verified(find().resolve(name));
  }

  private static Path verified(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, OURS_ONLY);
    } catch (FileAlreadyExistsException e) {
      // Made before; the checks below say whether by us.
    }
    Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !owner.equals(self)
        || !PosixFilePermissions.fromString("rwx------").containsAll(permissions)) {
      throw new IOException(
          directory + " is not a private folder of this user: remove it, or set XDG_CACHE_HOME");
    }
    return directory;
  }
}
