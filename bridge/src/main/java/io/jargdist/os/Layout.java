/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.nio.ByteBuffer;

/**
 * A structure of C, which the kernel or a file holds. LayoutTest compares it with its header.
 *
 * @param type as C names it: {@code "struct statx"}
 * @param header that declares it, or the address of its description
 * @param size in bytes; the kernel may know of more
 */
public record Layout(String type, String header, int size) {
  /**
   * A field of a structure.
   *
   * @param name as C has it, with the names of the structures around it
   * @param offset in bytes
   * @param size in bytes
   */
  public record Field(Layout layout, String name, int offset, int size) {
    /**
     * Returns the field's number, unsigned.
     *
     * @param at where the structure begins
     */
    public long get(ByteBuffer bytes, int at) {
      int place = at + offset;
      return switch (size) {
        case Byte.BYTES -> Byte.toUnsignedLong(bytes.get(place));
        case Short.BYTES -> Short.toUnsignedLong(bytes.getShort(place));
        case Integer.BYTES -> Integer.toUnsignedLong(bytes.getInt(place));
        case Long.BYTES -> bytes.getLong(place);
        default -> throw noNumber();
      };
    }

    /** The opposite of {@link #get}. */
    public void put(ByteBuffer bytes, int at, long value) {
      int place = at + offset;
      switch (size) {
        case Byte.BYTES -> bytes.put(place, (byte) value);
        case Short.BYTES -> bytes.putShort(place, (short) value);
        case Integer.BYTES -> bytes.putInt(place, (int) value);
        case Long.BYTES -> bytes.putLong(place, value);
        default -> throw noNumber();
      }
    }

    private IllegalArgumentException noNumber() {
      return new IllegalArgumentException(this + " is not a number");
    }
  }

  public Field field(String name, int offset, int size) {
    if (offset < 0 || offset > this.size - size) {
      throw new IllegalArgumentException(type + " ends before " + name);
    }
    return new Field(this, name, offset, size);
  }
}
