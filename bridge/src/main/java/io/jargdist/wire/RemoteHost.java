/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A bridge at the other end of a socket. Owns the connection. */
public final class RemoteHost implements ProbeHost, AutoCloseable {
  private final Patience patience;
  private volatile @Nullable Client client;

  private RemoteHost(Patience patience) {
    this.patience = patience;
  }

  /**
   * The longest times to wait for an answer.
   *
   * @param attach while a probe is compiled and attached
   * @param answer to a question
   * @param detach while a probe is detached: it goes with the connection, too
   */
  public record Patience(Duration attach, Duration answer, Duration detach) {
    /** Longer than a bridge allows its compiler. */
    public static final Patience WITH_BRIDGE =
        new Patience(Duration.ofSeconds(190), Duration.ofSeconds(3), Duration.ofSeconds(3));

    /** Longer than an agent waits for its bridge, which it may have to start. */
    public static final Patience WITH_AGENT =
        new Patience(Duration.ofSeconds(260), Duration.ofSeconds(5), Duration.ofSeconds(2));
  }

  /**
   * @param channel connected; owned by the host from now on
   * @param onClosed run once when the connection has ended for whatever reason
   */
  public static RemoteHost start(
      SocketChannel channel, Patience patience, Listener listener, Runnable onClosed)
      throws IOException {
    RemoteHost host = new RemoteHost(patience);
    host.client =
        Client.start(
            channel,
            news -> {
              if (news instanceof Message.Detached detached) {
                listener.detached(host, detached.probe(), detached.why());
              } else if (news instanceof Message.Mapped mapped) {
                listener.mapped(host, mapped);
              }
            },
            () -> {
              listener.disconnected(host);
              onClosed.run();
            });
    listener.connected(host);
    return host;
  }

  /**
   * Returns a host that is asked by a client which others use, too.
   *
   * @param client owned by the host from now on
   */
  public static RemoteHost of(Client client, Patience patience) {
    RemoteHost host = new RemoteHost(patience);
    host.client = client;
    return host;
  }

  private Client connected() throws IOException {
    Client connected = client;
    if (connected == null) {
      throw new IOException("the connection is not open");
    }
    return connected;
  }

  @Override
  public Message.Attached attach(Message.Attach request) throws IOException, ProbeException {
    return connected().call(request, Message.Attached.class, patience.attach());
  }

  @Override
  public void expect(List<Message.Attach> requests) throws IOException, ProbeException {
    for (Message.Attach request : requests) {
      connected().call(new Message.Expect(request), Message.Done.class, patience.answer());
    }
  }

  @Override
  public String check(Message.Check request) throws IOException, ProbeException {
    return connected().call(request, Message.Text.class, patience.attach()).text();
  }

  @Override
  public Instant start(int group) throws IOException, ProbeException {
    return connected()
        .call(new Message.Start(group), Message.Started.class, patience.answer())
        .time();
  }

  @Override
  public void mark(int group) throws IOException, ProbeException {
    connected().call(new Message.Mark(group), Message.Done.class, patience.answer());
  }

  @Override
  public Message read(int probe, Message.Read.What what) throws IOException, ProbeException {
    return connected().read(probe, what, patience.answer());
  }

  @Override
  public void ownThreads(Set<Integer> numbers) throws IOException, ProbeException {
    connected().call(new Message.OwnThreads(numbers), Message.Done.class, patience.answer());
  }

  @Override
  public void detach(int probe) {
    try {
      connected().call(new Message.Detach(probe), Message.Done.class, patience.detach());
    } catch (IOException | ProbeException e) {
      // The bridge is gone, and the probe with it.
    }
  }

  @Override
  public boolean isClosed() {
    Client connected = client;
    return connected != null && connected.isClosed();
  }

  @Override
  public void close() {
    Client connected = client;
    if (connected != null) {
      connected.close();
    }
  }
}
