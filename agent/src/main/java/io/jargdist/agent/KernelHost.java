/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.Client;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A bridge at the other end of a socket. Owns the connection. */
final class KernelHost implements ProbeHost, AutoCloseable {
  /** Longer than the bridge allows its compiler. */
  private static final Duration ATTACH_TIMEOUT = Duration.ofSeconds(190);

  private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);

  private final Listener listener;
  private volatile @Nullable Client client;

  private KernelHost(Listener listener) {
    this.listener = listener;
  }

  /**
   * @param channel connected; owned by the host from now on
   * @param onClosed run once when the connection has ended for whatever reason
   */
  static KernelHost start(SocketChannel channel, Listener listener, Runnable onClosed)
      throws IOException {
    KernelHost host = new KernelHost(listener);
    host.client =
        Client.start(
            channel,
            host::told,
            () -> {
              listener.disconnected(host);
              onClosed.run();
            });
    listener.connected(host);
    return host;
  }

  private void told(Message news) {
    if (news instanceof Message.Ended ended) {
      listener.detached(this, ended.probe(), ended.why());
    }
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
    return connected().call(request, Message.Attached.class, ATTACH_TIMEOUT);
  }

  @Override
  public String check(Message.Check request) throws IOException, ProbeException {
    return connected().call(request, Message.Text.class, ATTACH_TIMEOUT).text();
  }

  @Override
  public Instant start(int group) throws IOException, ProbeException {
    return connected().call(new Message.Start(group), Message.Started.class, READ_TIMEOUT).time();
  }

  @Override
  public void mark(int group) throws IOException, ProbeException {
    connected().call(new Message.Mark(group), Message.Done.class, READ_TIMEOUT);
  }

  @Override
  public Message read(int probe, boolean marked) throws IOException, ProbeException {
    return connected().read(probe, marked, READ_TIMEOUT);
  }

  @Override
  public void ownThreads(Set<Integer> numbers) throws IOException, ProbeException {
    connected().call(new Message.OwnThreads(numbers), Message.Done.class, READ_TIMEOUT);
  }

  @Override
  public void detach(int probe) {
    try {
      connected().call(new Message.Detach(probe), Message.Done.class, READ_TIMEOUT);
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
