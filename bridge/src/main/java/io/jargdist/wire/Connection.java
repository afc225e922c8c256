/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.wire.Message.Hello;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a socket: length (4 bytes), number of the request (4 bytes), a {@link Message}. Owns
 * the socket.
 *
 * <p>One thread may read while others write. The channel is used directly, since the streams of
 * {@code java.nio.channels.Channels} let a blocked reader block all writers (JDK 17).
 *
 * <p>The other side is not trusted: a frame has a limit, memory is taken for what has arrived and
 * not for what was announced, and whatever is wrong with a frame is an IOException.
 */
final class Connection implements AutoCloseable {
  /** The number of what is neither a question nor an answer. */
  static final int UNASKED = 0;

  /** The largest request, in bytes: a specifier and its options, or names of probes. */
  static final int MAX_REQUEST = 64 << 10;

  /** The largest answer, in bytes: a page of a table, or the log of the verifier. */
  static final int MAX_ANSWER = 4 << 20;

  private static final int HEADER = 8;
  private static final int FIRST_PART = 16 << 10;

  private final SocketChannel channel;
  private final int maxRead;
  private final int maxWritten;
  private final Object writeLock = new Object();

  private Connection(SocketChannel channel, int maxRead, int maxWritten) {
    this.channel = channel;
    this.maxRead = maxRead;
    this.maxWritten = maxWritten;
  }

  /** Returns the end that asks. */
  static Connection asking(SocketChannel channel) {
    return new Connection(channel, MAX_ANSWER, MAX_REQUEST);
  }

  /** Returns the end that answers. */
  static Connection answering(SocketChannel channel) {
    return new Connection(channel, MAX_REQUEST, MAX_ANSWER);
  }

  /**
   * @param request a number that the asking side chooses; the answer has the same
   */
  record Frame(int request, Message message) {}

  /**
   * @param body of the message, which need not be one
   */
  private record RawFrame(int request, FrameReader body) {}

  /** A message that is too large was not sent, and others can be. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(int size, int limit) {
      super("a message of " + size + " bytes is more than the " + limit + " that are allowed");
    }
  }

  void write(int request, Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    out.writeInt(request);
    MessageCodec.write(message, out);
    if (bytes.size() - HEADER > maxWritten) {
      throw new TooLargeException(bytes.size() - HEADER, maxWritten);
    }
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
    RawFrame raw = readRaw(buffer -> channel.read(buffer));
    return raw == null ? null : new Frame(raw.request(), MessageCodec.read(raw.body()));
  }

  /**
   * Returns the first message of the other side, whose version need not be ours. This must be
   * called before any other thread uses the connection.
   *
   * @return null when the other side has closed the connection
   * @throws IOException also if it does not come in time
   */
  @Nullable Hello readHello(Duration timeout) throws IOException {
    RawFrame raw = readWithin(timeout);
    return raw == null ? null : MessageCodec.readHello(raw.body());
  }

  /**
   * Returns the number of a request that we cannot read.
   *
   * @return null if there is none within the timeout
   */
  @Nullable Integer readRequestNumber(Duration timeout) throws IOException {
    RawFrame raw = readWithin(timeout);
    return raw == null ? null : raw.request();
  }

  /** A blocking channel has no timeouts, so it is not blocking meanwhile. */
  private @Nullable RawFrame readWithin(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      return readRaw(
          buffer -> {
            int count;
            while ((count = channel.read(buffer)) == 0) {
              long millis = (deadline - System.nanoTime()) / 1_000_000;
              if (millis <= 0) {
                throw new IOException(
                    "the other side said nothing within " + timeout.toSeconds() + " s");
              }
              selector.select(millis);
              selector.selectedKeys().clear();
            }
            return count;
          });
    } finally {
      if (channel.isOpen()) {
        channel.configureBlocking(true);
      }
    }
  }

  /** Reads some bytes; answers how many, -1 at the end. */
  private interface Source {
    int read(ByteBuffer buffer) throws IOException;
  }

  private @Nullable RawFrame readRaw(Source source) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    if (!fill(header, source)) {
      return null;
    }
    int length = header.getInt(0);
    if (length < 1 || length > maxRead) {
      throw new IOException("a message of " + length + " bytes");
    }
    byte[] body = new byte[0];
    while (body.length < length) {
      int have = body.length;
      body = Arrays.copyOf(body, Math.min(length, Math.max(FIRST_PART, 2 * have)));
      ByteBuffer rest = ByteBuffer.wrap(body, have, body.length - have).slice();
      if (!fill(rest, source)) {
        throw new EOFException("the connection ended within a message");
      }
    }
    return new RawFrame(header.getInt(4), new FrameReader(body));
  }

  /** Returns false if the stream ended before the first byte. */
  private static boolean fill(ByteBuffer buffer, Source source) throws IOException {
    while (buffer.hasRemaining()) {
      if (source.read(buffer) < 0) {
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
