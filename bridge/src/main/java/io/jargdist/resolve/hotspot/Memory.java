/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.hotspot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory of a running process, little-endian, read where it is asked for. The process goes on
 * meanwhile, and may be hostile: each page is as it was at some moment, and at most 16 MB are read.
 * A page that was read once is not read again. Does not own its source. Not thread-safe.
 */
public final class Memory {
  private static final int PAGE_SHIFT = 12;
  private static final int PAGE = 1 << PAGE_SHIFT;
  private static final int MOST_PAGES = 4096;

  /** The longest text that is read, in bytes; the longest of HotSpot has about 150. */
  private static final int LONGEST_STRING = 1024;

  private final Source source;
  private final Map<Long, byte[]> pages = new HashMap<>();

  /** Reads the bytes. */
  public interface Source {
    /**
     * @param address of a page of 4096 bytes
     * @return how many bytes were read: the whole page, or it cannot be read
     * @throws IOException if nothing can be read there
     */
    int read(long address, byte[] into) throws IOException;
  }

  public Memory(Source source) {
    this.source = source;
  }

  /** Returns the byte at an address, unsigned. */
  public int unsignedByte(long address) throws IOException {
    return page(address)[(int) address & (PAGE - 1)] & 0xff;
  }

  public int intAt(long address) throws IOException {
    return (int) number(address, Integer.BYTES);
  }

  /** 64 bits: an integer, a size or a pointer. */
  public long longAt(long address) throws IOException {
    return number(address, Long.BYTES);
  }

  private long number(long address, int length) throws IOException {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | unsignedByte(address + i);
    }
    return value;
  }

  /** Text that ends at a NUL. */
  public String string(long address) throws IOException {
    byte[] bytes = new byte[LONGEST_STRING];
    for (int length = 0; length < LONGEST_STRING; length++) {
      bytes[length] = (byte) unsignedByte(address + length);
      if (bytes[length] == 0) {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
      }
    }
    throw new IOException("a text in the memory of the process is too long");
  }

  private byte[] page(long address) throws IOException {
    long start = address & -PAGE;
    byte[] known = pages.get(start);
    if (known != null) {
      return known;
    }
    if (pages.size() == MOST_PAGES) {
      throw new IOException("too much of the memory of the process would have to be read");
    }
    byte[] page = new byte[PAGE];
    if (start < 0 || source.read(start, page) != PAGE) {
      throw new IOException(
          "the process has nothing at address 0x" + Long.toHexString(address) + " in its memory");
    }
    pages.put(start, page);
    return page;
  }
}
