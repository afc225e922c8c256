/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads files whose content the kernel makes: in /proc, in /sys, in tracefs. Names of files,
 * threads and arguments in there are the target's, and they are bytes, in no encoding at all. So
 * each character of a text that is read here is one byte (ISO 8859-1); {@link #readable} makes of
 * such a text one for people.
 */
public final class KernelFile {
  /**
   * The limit of what is read at once. The largest such file has the kernel's types, 5 to 10 MB.
   */
  private static final int LARGEST = 32 << 20;

  /** A process may have 65,530 mappings by default, with paths of up to 4,096 bytes. */
  private static final long LARGEST_BY_LINES = 512L << 20;

  private static final int LONGEST_LINE = 1 << 16;
  private static final int BUFFER = 1 << 16;

  private KernelFile() {}

  /** Returns the whole content. */
  public static byte[] bytes(Path file) throws IOException {
    byte[] content = beginning(file, LARGEST + 1);
    if (content.length > LARGEST) {
      throw new IOException(file + " is larger than " + (LARGEST >> 20) + " MB");
    }
    return content;
  }

  /** Returns the whole content, a character for each byte. */
  public static String text(Path file) throws IOException {
    return text(bytes(file));
  }

  /** Returns the first bytes as a text, a character for each of them. */
  public static String text(Path file, int most) throws IOException {
    return text(beginning(file, most));
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1);
  }

  /** Returns the lines, a character for each byte. */
  public static List<String> lines(Path file) throws IOException {
    return lines(bytes(file));
  }

  static List<String> lines(byte[] content) throws IOException {
    List<String> lines = new ArrayList<>();
    forEachLine(new ByteArrayInputStream(content), lines::add);
    return lines;
  }

  /** Takes lines as they are read. */
  public interface LineConsumer {
    void accept(String line) throws IOException;
  }

  /**
   * Reads a file that may be large, one line after the other, a character for each byte. Only a
   * newline ends a line: the kernel escapes it in names, but no other character that Java takes for
   * the end of a line.
   */
  public static void forEachLine(Path file, LineConsumer consumer) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      forEachLine(in, consumer);
    }
  }

  private static void forEachLine(InputStream in, LineConsumer consumer) throws IOException {
    byte[] buffer = new byte[BUFFER];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long total = 0;
    for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
      total += length;
      int start = 0;
      for (int at = 0; at < length; at++) {
        if (buffer[at] == '\n') {
          line.write(buffer, start, at - start);
          consumer.accept(line.toString(StandardCharsets.ISO_8859_1));
          line.reset();
          start = at + 1;
        }
      }
      line.write(buffer, start, length - start);
      if (line.size() > LONGEST_LINE || total > LARGEST_BY_LINES) {
        throw new IOException("a file of the kernel has too long a line, or too many");
      }
    }
    if (line.size() > 0) {
      consumer.accept(line.toString(StandardCharsets.ISO_8859_1));
    }
  }

  private static byte[] beginning(Path file, int most) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    }
  }

  /** Returns a text of a user's, such as a path, as this class reads one. */
  public static String asRead(String text) {
    return text(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Makes a text for people: UTF-8 where the bytes are, and an escape such as {@code \351} for each
   * byte that is not part of a character.
   *
   * @param bytes a text of this class
   */
  public static String readable(String bytes) {
    byte[] all = bytes.getBytes(StandardCharsets.ISO_8859_1);
    try {
      return decoded(all, 0, all.length);
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder();
      for (int at = 0; at < all.length; ) {
        int length = characterLength(all[at]);
        try {
          text.append(decoded(all, at, Math.min(length, all.length - at)));
          at += length;
        } catch (CharacterCodingException other) {
          text.append('\\').append(Integer.toOctalString(all[at] & 0xff));
          at++;
        }
      }
      return text.toString();
    }
  }

  private static String decoded(byte[] bytes, int start, int length)
      throws CharacterCodingException {
    byte[] part = Arrays.copyOfRange(bytes, start, start + length);
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(part)).toString();
  }

  /** Returns the number of bytes of a character of UTF-8, by its first byte. */
  private static int characterLength(byte first) {
    int value = first & 0xff;
    return value < 0xc0 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
  }
}
