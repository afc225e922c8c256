/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge.protocol;

import io.jargdist.bridge.protocol.Message.Failure;
import io.jargdist.bridge.protocol.Message.Hello;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The asking end of a connection. Any number of threads may ask at once. Owns the socket and one
 * daemon thread, which ends with the connection.
 */
public final class Client implements AutoCloseable {
  private final Connection connection;
  private final Map<Integer, CompletableFuture<Message>> pending = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Consumer<Message> onNews;
  private final Runnable onClosed;
  private volatile @Nullable String closedBecause;

  private Client(Connection connection, Consumer<Message> onNews, Runnable onClosed) {
    this.connection = connection;
    this.onNews = onNews;
    this.onClosed = onClosed;
  }

  /** A client that does not mind what it is told without asking. */
  public static Client start(SocketChannel channel, Runnable onClosed) throws IOException {
    return start(channel, news -> {}, onClosed);
  }

  /**
   * @param channel connected; owned by the client from now on
   * @param onNews gets what the other side says without being asked, on the client's own thread: it
   *     must not ask there
   * @param onClosed run once, on the client's own thread, when the connection has ended for
   *     whatever reason
   */
  public static Client start(SocketChannel channel, Consumer<Message> onNews, Runnable onClosed)
      throws IOException {
    Client client = new Client(new Connection(channel), onNews, onClosed);
    Thread reader = new Thread(client::readAnswers, "jargdist-client");
    reader.setDaemon(true);
    reader.start();
    client.connection.write(
        Connection.UNASKED, new Hello(MessageCodec.VERSION, ProcessHandle.current().pid()));
    return client;
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws ProbeException if the other side says that it cannot
   * @throws IOException if the connection is gone, or no answer came in time
   */
  public <T extends Message> T call(Message request, Class<T> answer, Duration timeout)
      throws IOException, ProbeException {
    int number = requests.incrementAndGet();
    CompletableFuture<Message> future = new CompletableFuture<>();
    pending.put(number, future);
    try {
      String reason = closedBecause;
      if (reason != null) {
        throw new IOException(reason);
      }
      connection.write(number, request);
      Message message = future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (message instanceof Failure failure) {
        throw new ProbeException(failure);
      }
      return answer.cast(message);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + timeout.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("the connection failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for an answer", e);
    } finally {
      pending.remove(number);
    }
  }

  private void readAnswers() {
    String reason = "the connection was closed";
    try {
      Connection.Frame frame;
      while ((frame = connection.read()) != null) {
        if (frame.request() == Connection.UNASKED) {
          onNews.accept(frame.message());
          continue;
        }
        CompletableFuture<Message> future = pending.get(frame.request());
        if (future != null) {
          future.complete(frame.message());
        }
      }
    } catch (IOException | RuntimeException e) {
      reason = "the connection failed: " + e;
    }
    closedBecause = reason;
    connection.close();
    for (CompletableFuture<Message> future : pending.values()) {
      future.completeExceptionally(new IOException(reason));
    }
    onClosed.run();
  }

  /** Whether the connection has ended; it is true before {@code onClosed} is run. */
  public boolean isClosed() {
    return closedBecause != null;
  }

  /** Ends the connection; whoever waits for an answer gets an IOException. */
  @Override
  public void close() {
    connection.close();
  }
}
