/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.Message.Hello;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * The answering end of a connection. It reads no further request while too many are not answered.
 */
public final class Server {
  /** The time in which the other side must say who it is. */
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);

  private static final int MOST_REQUESTS = 16;

  private final Connection connection;
  private final Handler handler;
  private final Executor executor;
  private final Consumer<String> complaints;
  private final Semaphore unanswered = new Semaphore(MOST_REQUESTS);

  /** Answers requests; may be called by several threads at once. */
  public interface Handler {
    /**
     * @throws ProbeException becomes the {@link Failure} that the other side gets
     */
    Message handle(Message request) throws ProbeException;
  }

  /**
   * @param channel connected; owned by the server from now on
   * @param executor runs the handler
   * @param complaints gets one line about a defect that ends the connection
   */
  public Server(
      SocketChannel channel, Handler handler, Executor executor, Consumer<String> complaints) {
    this.connection = Connection.answering(channel);
    this.handler = handler;
    this.executor = executor;
    this.complaints = complaints;
  }

  /** Reads requests until the other side closes the connection, or it fails. Throws nothing. */
  public void serve() {
    try (connection) {
      Hello hello = connection.readHello(HELLO_TIMEOUT);
      if (hello == null) {
        return;
      }
      Hello ours = Hello.ours();
      connection.write(Connection.UNASKED, ours);
      if (hello.protocol() != MessageCodec.VERSION) {
        refuse(hello.differs(ours));
        return;
      }
      Connection.Frame frame;
      while ((frame = connection.read()) != null) {
        Connection.Frame request = frame;
        unanswered.acquire();
        executor.execute(() -> answer(request));
      }
    } catch (IOException e) {
      // The other side is gone, or is not jargdist. The caller cleans up.
    } catch (RejectedExecutionException e) {
      // We are being closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      complaints.accept("a connection was ended by a defect of jargdist: " + e);
    }
  }

  /**
   * The other side has another protocol, and knows only its own. A failure is the same in all of
   * them, so it is told what is wrong in the answer to its first request.
   */
  private void refuse(String reason) throws IOException {
    Integer request = connection.readRequestNumber(HELLO_TIMEOUT);
    if (request != null) {
      connection.write(request, new Failure(Failure.Kind.MACHINE, reason));
    }
  }

  /** Tells the other side something that it did not ask for; nothing happens if it is gone. */
  public void tell(Message news) {
    try {
      connection.write(Connection.UNASKED, news);
    } catch (IOException e) {
      connection.close();
    }
  }

  private void answer(Connection.Frame request) {
    try {
      Message answer;
      try {
        answer = handler.handle(request.message());
      } catch (ProbeException e) {
        answer = new Failure(e.kind(), String.valueOf(e.getMessage()));
      } catch (RuntimeException | Error e) {
        answer = new Failure(Failure.Kind.INTERNAL, "a defect of jargdist: " + e);
      }
      try {
        connection.write(request.request(), answer);
      } catch (Connection.TooLargeException e) {
        connection.write(
            request.request(),
            new Failure(Failure.Kind.INTERNAL, "the answer is too large: " + e.getMessage()));
      }
    } catch (IOException e) {
      connection.close();
    } catch (RuntimeException | Error e) {
      complaints.accept("a connection was ended by a defect of jargdist: " + e);
      connection.close();
    } finally {
      unanswered.release();
    }
  }
}
