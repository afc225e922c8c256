/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;

/** Memory outside the heap. What we have allocated is freed with this object. */
public final class Memory implements Native {
  private static final MemoryIO ADDRESSES = MemoryIO.getInstance();

  private final ByteBuffer bytes;
  private final long address;

  private Memory(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.nativeOrder());
    this.address = ADDRESSES.getDirectBufferAddress(bytes);
  }

  /** Returns new memory, whose bytes are 0. */
  public static Memory allocate(int bytes) {
    return new Memory(ByteBuffer.allocateDirect(Math.max(1, bytes)));
  }

  /** Returns a copy of a text in UTF-8, with a NUL. */
  public static Memory of(String text) {
    return of((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a copy of bytes. */
  public static Memory of(byte[] bytes) {
    Memory memory = allocate(bytes.length);
    memory.bytes.put(0, bytes);
    return memory;
  }

  /** Returns a copy of numbers of 64 bits. */
  public static Memory of(long[] numbers) {
    Memory memory = allocate(numbers.length * Long.BYTES);
    memory.bytes.asLongBuffer().put(0, numbers);
    return memory;
  }

  /** Returns a copy of a number of 32 bits. */
  public static Memory of(int number) {
    Memory memory = allocate(Integer.BYTES);
    memory.bytes.putInt(0, number);
    return memory;
  }

  /** Returns memory that another owns, and that has to stay as long as this object is used. */
  public static Memory at(long address, int length) {
    return new Memory(ADDRESSES.newDirectByteBuffer(address, length));
  }

  @Override
  public long address() {
    return address;
  }

  /** Returns the part from an offset on. It keeps the whole alive. */
  public Memory from(int offset) {
    return new Memory(bytes.slice(offset, size() - offset));
  }

  int size() {
    return bytes.capacity();
  }

  /**
   * Returns the memory itself, in native byte order, for {@link Struct}, which knows the fields. It
   * lives as long as the buffer does. Only its absolute methods may be used, since all callers
   * share its position.
   */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns the memory as numbers of 64 bits. It lives as long as the buffer does. */
  public LongBuffer words() {
    return bytes.asLongBuffer();
  }

  /** Returns the number in the first 32 bits. */
  public int number() {
    return bytes.getInt(0);
  }

  /** Fills the first bytes. */
  void copyFrom(byte[] source, int from, int length) {
    bytes.put(0, source, from, length);
  }

  /** Reads the first bytes. */
  void copyTo(byte[] target, int at, int length) {
    bytes.get(0, target, at, length);
  }

  /** Returns a copy of the first bytes. */
  public byte[] copy(int length) {
    byte[] copy = new byte[length];
    bytes.get(0, copy);
    return copy;
  }

  /** Returns the text that ends at the first NUL. */
  public String text() {
    int length = 0;
    while (length < bytes.capacity() && bytes.get(length) != 0) {
      length++;
    }
    return new String(copy(length), StandardCharsets.UTF_8);
  }
}
