/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge.protocol;

import io.jargdist.bridge.protocol.Message.Failure;
import io.jargdist.bridge.protocol.Message.Hello;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;

/** The answering end of a connection. */
public final class Server {
  private final Connection connection;
  private final Handler handler;
  private final Executor executor;

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
   */
  public Server(SocketChannel channel, Handler handler, Executor executor) {
    this.connection = new Connection(channel);
    this.handler = handler;
    this.executor = executor;
  }

  /** Reads requests until the other side closes the connection, or it fails. */
  public void serve() {
    try (connection) {
      Connection.Frame first = connection.read();
      if (first == null
          || !(first.message() instanceof Hello hello)
          || hello.protocol() != MessageCodec.VERSION) {
        return;
      }
      Connection.Frame frame;
      while ((frame = connection.read()) != null) {
        Connection.Frame request = frame;
        executor.execute(() -> answer(request));
      }
    } catch (IOException e) {
      // The other side is gone; whoever called us cleans up.
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
    } catch (IOException e) {
      connection.close();
    }
  }
}
