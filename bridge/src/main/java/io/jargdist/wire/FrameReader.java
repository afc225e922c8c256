/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one frame, read in order. Whatever is wrong with them is an IOException, and nothing
 * is allocated that is larger than the frame.
 */
final class FrameReader {
  private final ByteBuffer bytes;

  FrameReader(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  private interface Read<T> {
    T from(ByteBuffer bytes);
  }

  private <T> T next(Read<T> read) throws IOException {
    try {
      return read.from(bytes);
    } catch (BufferUnderflowException e) {
      throw new EOFException("a message that ends too early");
    }
  }

  int readInt() throws IOException {
    return next(ByteBuffer::getInt);
  }

  long readLong() throws IOException {
    return next(ByteBuffer::getLong);
  }

  double readDouble() throws IOException {
    return next(ByteBuffer::getDouble);
  }

  int readUnsignedByte() throws IOException {
    return next(ByteBuffer::get) & 0xff;
  }

  int readUnsignedShort() throws IOException {
    return next(ByteBuffer::getShort) & 0xffff;
  }

  boolean readBoolean() throws IOException {
    int value = readUnsignedByte();
    if (value > 1) {
      throw new IOException("neither yes nor no but " + value);
    }
    return value == 1;
  }

  /** Reads the number of an enum's constant, and returns the constant. */
  <E> E oneOf(E[] values) throws IOException {
    int number = readUnsignedByte();
    if (number >= values.length) {
      throw new IOException("number " + number + " of " + values.length);
    }
    return values[number];
  }

  /**
   * Returns how many elements follow.
   *
   * @param elementSize what each has at least, in bytes
   */
  int count(int elementSize) throws IOException {
    int count = readInt();
    if (count < 0 || count > bytes.remaining() / elementSize) {
      throw new IOException("a list of " + count + " elements");
    }
    return count;
  }

  String string() throws IOException {
    int length = readInt();
    if (length < 0 || length > bytes.remaining()) {
      throw new IOException("a text of " + length + " bytes");
    }
    String text =
        new String(
            bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
    bytes.position(bytes.position() + length);
    return text;
  }

  boolean hasMore() {
    return bytes.hasRemaining();
  }
}
