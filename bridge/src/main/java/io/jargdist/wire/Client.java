/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.specifier.SpecifierLength;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.Message.Hello;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
  /** The time in which the other side must say who it is. */
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);

  private final Connection connection;
  private final Map<Integer, CompletableFuture<Message>> pending = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Consumer<Message> onNews;
  private final Runnable onClosed;
  private final CountDownLatch reading = new CountDownLatch(1);
  private volatile @Nullable String closedBecause;

  private Client(Connection connection, Consumer<Message> onNews, Runnable onClosed) {
    this.connection = connection;
    this.onNews = onNews;
    this.onClosed = onClosed;
  }

  /** Returns a client that ignores messages for which it did not ask. */
  public static Client start(SocketChannel channel, Runnable onClosed) throws IOException {
    return start(channel, news -> {}, onClosed);
  }

  /**
   * @param channel connected; owned by the client from now on
   * @param onNews gets what the other side says without being asked, on the client's own thread: it
   *     must not ask there
   * @param onClosed run once, on the client's own thread, when the connection has ended for
   *     whatever reason
   * @throws IOException if the other side is not a jargdist of our version, or says nothing in time
   */
  public static Client start(SocketChannel channel, Consumer<Message> onNews, Runnable onClosed)
      throws IOException {
    Connection connection = Connection.asking(channel);
    boolean started = false;
    try {
      greet(connection);
      Client client = new Client(connection, onNews, onClosed);
      Daemon.start("jargdist-client", client::readAnswers, line -> {});
      client.awaitReading();
      started = true;
      return client;
    } finally {
      if (!started) {
        connection.close();
      }
    }
  }

  /**
   * Waits until answers are read. A thread of ours begins only when the hosts know it. If its own
   * host were among them, this would be a question whose answer nobody reads yet.
   */
  private void awaitReading() throws IOException {
    try {
      if (!reading.await(HELLO_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("the thread that reads the answers does not begin");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while connecting", e);
    }
  }

  private static void greet(Connection connection) throws IOException {
    Hello ours = Hello.ours();
    connection.write(Connection.UNASKED, ours);
    Hello theirs;
    try {
      theirs = connection.readHello(HELLO_TIMEOUT);
    } catch (IOException e) {
      throw new IOException("the other side is no jargdist that works: " + e.getMessage(), e);
    }
    if (theirs == null) {
      throw new IOException(
          "the other side closed the connection at once: it is an older jargdist than this one ("
              + ours.version()
              + "): use the same jargdist.jar for both, or restart the JVM that has the other one");
    }
    if (theirs.protocol() != ours.protocol()) {
      throw new IOException(ours.differs(theirs));
    }
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws ProbeException if the other side says that it cannot, or the specifier is too long to
   *     be sent
   * @throws IOException if the connection is gone, or no answer came in time
   */
  public <T extends Message> T call(Message request, Class<T> answer, Duration timeout)
      throws IOException, ProbeException {
    checkLength(request);
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
      if (!answer.isInstance(message)) {
        throw new IOException("an answer to another question: " + message.getClass().getName());
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

  private static void checkLength(Message request) throws ProbeException {
    String refusal = null;
    if (request instanceof Message.Attach attach) {
      refusal = SpecifierLength.refusal(attach.specifier());
    } else if (request instanceof Message.Check check) {
      refusal = SpecifierLength.refusal(check.specifier());
    }
    if (refusal != null) {
      throw new ProbeException(Failure.Kind.SPECIFIER, refusal);
    }
  }

  /**
   * Asks what a probe has counted, however many messages that takes.
   *
   * @param timeout for each message
   * @return {@link Message.Histogram}, or {@link Message.Frequency} with all rows
   */
  public Message read(int probe, Message.Read.What what, Duration timeout)
      throws IOException, ProbeException {
    return WholeSnapshot.of(
        from -> call(new Message.Read(probe, from, what), Message.class, timeout));
  }

  private void readAnswers() {
    reading.countDown();
    String reason = "the connection was closed";
    try {
      Connection.Frame frame;
      while ((frame = connection.read()) != null) {
        if (frame.request() == Connection.UNASKED) {
          hear(frame.message());
          continue;
        }
        CompletableFuture<Message> future = pending.get(frame.request());
        if (future != null) {
          future.complete(frame.message());
        }
      }
    } catch (Throwable e) {
      // This catches an Error, too: threads that wait for an answer must hear of it.
      reason = "the connection failed: " + e;
    }
    closedBecause = reason;
    connection.close();
    for (CompletableFuture<Message> future : pending.values()) {
      future.completeExceptionally(new IOException(reason));
    }
    onClosed.run();
  }

  /** Tells the listener. A failure of the listener does not end the connection. */
  private void hear(Message news) {
    try {
      onNews.accept(news);
    } catch (RuntimeException e) {
      // It has not heard this one.
    }
  }

  /** Returns whether the connection has ended; it is true before {@code onClosed} is run. */
  public boolean isClosed() {
    return closedBecause != null;
  }

  /** Ends the connection. Threads that wait for an answer get an IOException. */
  @Override
  public void close() {
    connection.close();
  }
}
