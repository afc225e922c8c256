/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges whether other users could put something else where a path leads, as sshd judges the
 * folders above its keys (StrictModes): every part of the path must belong to root or to the user
 * who relies on it, and no other user may write there.
 *
 * <p>A sticky folder of root's, as {@code /tmp}, is a case of its own. No user can replace what
 * another user has there, but when that is gone (tmp cleaners remove old files), any user can make
 * it anew.
 */
public enum PathTrust {
  /** The path leads to the same file as long as it is not removed: good to open it now. */
  NOW,
  /** Other users can never decide where the path leads: good to keep it, or to give it to a JVM. */
  LASTING;

  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int STICKY = 01000;
  private static final int TYPE = 0170000;
  private static final int FOLDER = 0040000;

  /**
   * Judges one part of a path.
   *
   * @param owner its user
   * @param mode its type and permissions, as stat(2) has them
   * @param trusted the users who may own it
   * @return what is wrong with it, to follow its path: {@code "belongs to uid 1000"}; null if it is
   *     good
   */
  public @Nullable String fault(int owner, int mode, Set<Integer> trusted) {
    if (!trusted.contains(owner)) {
      return "belongs to uid " + Integer.toUnsignedString(owner);
    }
    boolean sticky = (mode & TYPE) == FOLDER && (mode & STICKY) != 0 && this == NOW;
    return (mode & WRITABLE_BY_OTHERS) == 0 || sticky ? null : "can be written by other users";
  }

  /**
   * Checks a file or folder and all folders above it, for the user of this process.
   *
   * @return the path without symbolic links
   * @throws IOException in one line what is wrong
   */
  public Path check(Path path) throws IOException {
    Path real = path.toRealPath();
    Set<Integer> trusted = new HashSet<>(List.of(0, self()));
    for (Path part = real; part != null; part = part.getParent()) {
      Object owner = Files.getAttribute(part, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      Object mode = Files.getAttribute(part, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      String fault = fault((Integer) owner, (Integer) mode, trusted);
      if (fault != null) {
        throw new IOException(part + " " + fault);
      }
    }
    return real;
  }

  /** Returns the effective user of this process; /proc/self does not always belong to it. */
  static int self() throws IOException {
    String status =
        new String(Files.readAllBytes(Path.of("/proc/self/status")), StandardCharsets.ISO_8859_1);
    return status
        .lines()
        .filter(line -> line.startsWith("Uid:"))
        .map(line -> Integer.parseUnsignedInt(line.split("\\s+")[2]))
        .findFirst()
        .orElseThrow(() -> new IOException("/proc/self/status does not tell the user"));
  }
}
