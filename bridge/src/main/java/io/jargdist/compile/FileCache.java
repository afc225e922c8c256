/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.child.OldFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A folder of files that may be lost at any time. The oldest ones are removed. A file appears whole
 * or not at all, and one that was damaged counts as absent: it begins with a line that has the
 * SHA-256 of what follows. A folder that cannot be read or written costs time, nothing else.
 * Thread-safe, also between processes.
 *
 * @param folder private to this user
 * @param most how many files stay
 */
public record FileCache(Path folder, int most) {
  /** The length of the line that a file begins with. */
  private static final int CHECKSUM = 65;

  /** Decodes the content of a file. */
  public interface Decoder<T> {
    /**
     * @throws IOException if it is not whole
     */
    T decode(byte[] content) throws IOException;
  }

  /** Returns a file name for the result of these bytes, which no other bytes have. */
  static String nameFor(byte[] origin, String suffix) {
    return hash(origin) + suffix;
  }

  private static byte[] checksum(byte[] content) {
    return (hash(content) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static String hash(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * @return null if there is no such file, or it cannot be read, or it is not whole
   */
  public <T> @Nullable T read(String name, Decoder<T> decoder) {
    try {
      byte[] file = Files.readAllBytes(folder.resolve(name));
      if (file.length < CHECKSUM) {
        return null;
      }
      byte[] content = Arrays.copyOfRange(file, CHECKSUM, file.length);
      return Arrays.equals(file, 0, CHECKSUM, checksum(content), 0, CHECKSUM)
          ? decoder.decode(content)
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  public void write(String name, byte[] content) {
    try {
      Path temporary = Files.createTempFile(folder, "new-", "");
      try (OutputStream out = Files.newOutputStream(temporary)) {
        out.write(checksum(content));
        out.write(content);
      }
      Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      OldFiles.remove(folder, "*", most);
    } catch (IOException e) {
      // A cache that cannot be read or written only costs time.
    }
  }
}
