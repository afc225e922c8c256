/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge.protocol;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a socket: length (4 bytes), number of the request (4 bytes), a {@link Message}. Owns
 * the socket.
 *
 * <p>One thread may read while others write. The channel is used directly, since the streams of
 * {@code java.nio.channels.Channels} let a blocked reader block all writers (JDK 17).
 */
final class Connection implements AutoCloseable {
  /** The number of what is neither a question nor an answer. */
  static final int UNASKED = 0;

  private static final int HEADER = 8;
  private static final int MAX_FRAME = 256 << 20;

  private final SocketChannel channel;
  private final Object writeLock = new Object();

  Connection(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * @param request a number chosen by whoever asks; the answer has the same
   */
  record Frame(int request, Message message) {}

  void write(int request, Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    out.writeInt(request);
    MessageCodec.write(message, out);
    ByteBuffer frame = ByteBuffer.wrap(bytes.toByteArray());
    frame.putInt(0, frame.capacity() - HEADER);
    synchronized (writeLock) {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    }
  }

  /**
   * @return null when the other side has closed the connection between two frames
   */
  @Nullable Frame read() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    if (!fill(header)) {
      return null;
    }
    int length = header.getInt(0);
    if (length < 1 || length > MAX_FRAME) {
      throw new IOException("a frame of " + length + " bytes");
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    if (!fill(body)) {
      throw new EOFException("the connection ended within a message");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body.array()));
    return new Frame(header.getInt(4), MessageCodec.read(in));
  }

  /** Returns false if the stream ended before the first byte. */
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        if (buffer.position() == 0) {
          return false;
        }
        throw new EOFException("the connection ended within a message");
      }
    }
    return true;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closed is closed.
    }
  }
}
