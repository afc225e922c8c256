/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The classes of our children as HotSpot maps them into a process (class data sharing), which saves
 * it loading, parsing and verifying them. Such an archive fits one JDK, one class path and one set
 * of flags, and its name tells these, so it is never stale; HotSpot compares them once more, and
 * goes on without an archive that does not fit. The name also tells the content, so a damaged one
 * is not used.
 *
 * <p>A folder that cannot be read or written costs time, nothing else.
 *
 * @param folder private to this user: what is in it is run
 * @param identity of JDK, class path and flags
 */
record ClassArchive(Path folder, String identity) {
  private static final String SUFFIX = ".jsa";
  private static final String RESERVED = ".reserved";

  /** How many archives stay, of about 10 MB each: for some JDKs and a replaced jar. */
  private static final int MOST = 4;

  /**
   * Returns the archive of children with these flags, which need not exist; null if HotSpot could
   * not make it: the JDK has no archive of its own to build on, or there are folders in the class
   * path.
   */
  static @Nullable ClassArchive of(Path javaHome, List<String> flags, List<Path> classPath) {
    try {
      List<Path> files = new ArrayList<>(classPath);
      files.add(javaHome.resolve("lib/modules"));
      files.add(javaHome.resolve("lib/server/libjvm.so"));
      files.add(javaHome.resolve("lib/server/classes.jsa"));
      List<String> parts = new ArrayList<>(flags);
      for (Path file : files) {
        Path real = file.toRealPath();
        if (!Files.isRegularFile(real)) {
          return null;
        }
        parts.add(file + " " + real);
        parts.add(Files.size(real) + " " + Files.getLastModifiedTime(real));
      }
      CRC32 crc = new CRC32();
      crc.update(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
      return new ClassArchive(
          PrivateDirectory.subdirectory("classes"), Long.toHexString(crc.getValue()));
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns the file; null if there is none, or none that is whole. */
  @Nullable Path file() {
    try {
      for (Path file : archives(identity + "-")) {
        if (file.equals(named(Checksum.of(file)))) {
          return file;
        }
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // The child starts without.
    }
    return null;
  }

  /**
   * Reserves making the archive for the caller. A failure is followed by another attempt after an
   * hour, also if the caller is killed.
   *
   * @return false if the archive is there, or is being made, or cannot be written
   */
  boolean reserve() {
    Path mark = folder.resolve(identity + RESERVED);
    try {
      if (file() != null) {
        return false;
      }
      try {
        Files.createFile(mark);
        return true;
      } catch (FileAlreadyExistsException e) {
        Instant now = Instant.now();
        boolean abandoned =
            OldFiles.modified(mark).toInstant().isBefore(now.minus(PrivateDirectory.ABANDONED));
        if (abandoned) {
          Files.setLastModifiedTime(mark, FileTime.from(now));
        }
        return abandoned;
      }
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes a file that HotSpot has written, on the same file system. */
  void take(Path made) throws IOException {
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("r--------"));
    Files.move(made, named(Checksum.of(made)), StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(folder.resolve(identity + RESERVED));
    // A process that has mapped a file keeps it.
    OldFiles.remove(folder, "*" + SUFFIX, MOST);
  }

  private Path named(Checksum content) {
    return folder.resolve(identity + "-" + Long.toHexString(content.crc()) + SUFFIX);
  }

  private List<Path> archives(String prefix) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*" + SUFFIX)) {
      files.forEach(found::add);
    }
    return found;
  }
}
