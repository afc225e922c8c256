/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.Layout;
import io.jargdist.os.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a foreign file, little-endian, read where they are asked for. It takes 4 MB at most,
 * however large the file is. It checks that every place lies in the file, and counts all work. Does
 * not own the file. Not thread-safe.
 *
 * <p>It copies instead of mapping the file, since a mapped file that becomes shorter ends the
 * process that touches it.
 */
final class FileContent {
  /** The longest name of a symbol, in bytes. */
  static final int LONGEST_STRING = 1 << 15;

  private static final int PAGE_SHIFT = 16;
  static final int PAGE = 1 << PAGE_SHIFT;
  private static final int PAGES = 64;

  // These costs are in nanoseconds: see WorkBudget.
  private static final long READING_A_PAGE = 20_000;
  private static final long READING_A_BYTE = 2;

  private final Source source;
  private final String path;
  private final WorkBudget budget;
  private final long size;

  /** A page of the file is in the slot of its number modulo {@value #PAGES}. */
  private final byte[] @Nullable [] pages = new byte[PAGES][];

  private final long[] numbers = new long[PAGES];

  /** Reads as many bytes as there are from a page's offset on, and returns their number. */
  private interface Source {
    int read(long offset, byte[] into) throws IOException;
  }

  FileContent(RegularFile file, WorkBudget budget) throws IOException {
    this(file::read, file.name(), file.status().size(), budget);
  }

  /**
   * A file that is in memory.
   *
   * @param pages of {@value #PAGE} bytes each but the last; not copied
   * @param path for people
   */
  FileContent(List<byte[]> pages, long size, String path, WorkBudget budget) {
    this(
        (offset, into) -> copy(pages.get((int) (offset >>> PAGE_SHIFT)), into), path, size, budget);
  }

  private FileContent(Source source, String path, long size, WorkBudget budget) {
    this.source = source;
    this.path = path;
    this.budget = budget;
    this.size = size;
  }

  private static int copy(byte[] page, byte[] into) {
    System.arraycopy(page, 0, into, 0, page.length);
    return page.length;
  }

  long size() {
    return size;
  }

  /** Returns the path as the target sees it, for people. */
  String path() {
    return path;
  }

  WorkBudget budget() {
    return budget;
  }

  MalformedFileException malformed(String what) {
    return new MalformedFileException(path, what);
  }

  /** Returns whether so many bytes lie there. */
  boolean has(long at, long length) {
    return at >= 0 && length >= 0 && at <= size && length <= size - at;
  }

  /**
   * @param what lies there, for the message: {@code "a section"}
   */
  void check(long at, long length, String what) throws MalformedFileException {
    if (!has(at, length)) {
      throw malformed(what + " lies outside of it");
    }
  }

  byte get(long at) throws IOException {
    check(at, 1, "a byte");
    return page(at)[(int) at & (PAGE - 1)];
  }

  /**
   * Returns the number in a field, unsigned.
   *
   * @param at where the structure begins
   */
  long get(long at, Layout.Field field) throws IOException {
    return number(at + field.offset(), field.size());
  }

  /** Returns a number of some bytes, unsigned. */
  long number(long at, int length) throws IOException {
    check(at, length, "a number");
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      long place = at + i;
      value = value << 8 | (page(place)[(int) place & (PAGE - 1)] & 0xff);
    }
    return value;
  }

  /** Returns a copy. */
  byte[] bytes(long at, int length) throws IOException {
    check(at, length, "a part");
    budget.spend(length * READING_A_BYTE, this);
    byte[] copy = new byte[length];
    for (int done = 0; done < length; ) {
      long place = at + done;
      int inPage = (int) place & (PAGE - 1);
      int part = Math.min(length - done, PAGE - inPage);
      System.arraycopy(page(place), inPage, copy, done, part);
      done += part;
    }
    return copy;
  }

  /** Text that ends at a NUL. Bytes that are no UTF-8 become U+FFFD. */
  String string(long at) throws IOException {
    int length = 0;
    while (get(at + length) != 0) {
      if (++length > LONGEST_STRING) {
        throw malformed("a name is longer than " + LONGEST_STRING + " bytes");
      }
    }
    return new String(bytes(at, length), StandardCharsets.UTF_8);
  }

  /** Returns whether the bytes at a place begin so. */
  boolean startsWith(long at, byte[] wanted) throws IOException {
    for (int i = 0; i < wanted.length; i++) {
      if (get(at + i) != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a NUL-terminated text is this one. */
  boolean isString(long at, byte[] wanted) throws IOException {
    return startsWith(at, wanted) && get(at + wanted.length) == 0;
  }

  private byte[] page(long at) throws IOException {
    long number = at >>> PAGE_SHIFT;
    int slot = (int) number & (PAGES - 1);
    byte[] page = pages[slot];
    if (page == null || numbers[slot] != number) {
      budget.spend(READING_A_PAGE, this);
      if (page == null) {
        page = new byte[PAGE];
        pages[slot] = page;
      }
      numbers[slot] = -1;
      int read = source.read(number << PAGE_SHIFT, page);
      if (read < Math.min(PAGE, size - (number << PAGE_SHIFT))) {
        throw malformed("it became shorter while it was read");
      }
      numbers[slot] = number;
    }
    return page;
  }
}
