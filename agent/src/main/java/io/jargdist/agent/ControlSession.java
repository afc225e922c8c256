/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.Server;
import io.jargdist.wire.TablePages;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A command line that uses this agent, over the socket on which it waits. Its probes begin to count
 * together, when it says so. They go when it goes, however it ends, but for those that shall
 * outlive it.
 */
final class ControlSession implements Server.Handler {
  private final ProbeRegistry registry;
  private final HostSource bridge;
  private final ProbeBatch batch;
  private final Map<Integer, ManagedProbe<?>> probes = new LinkedHashMap<>();

  /** The probes that this session only looks at, without removed ones. */
  private final Map<Integer, ManagedProbe<?>> seen = new LinkedHashMap<>();

  /** The tables that are sent in several pages, and must not change meanwhile. */
  private final Map<Integer, Message.Counts> paged = new LinkedHashMap<>();

  private int numbers;

  private ControlSession(ProbeRegistry registry, HostSource bridge) {
    this.registry = registry;
    this.bridge = bridge;
    this.batch = registry.batch(bridge);
  }

  /**
   * Serves the command line until it ends.
   *
   * @param bridgeSocket where it waits as the bridge for its probes; null to use this JVM's own
   */
  static void serve(ProbeRegistry registry, Path socket, @Nullable Path bridgeSocket)
      throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    if (bridgeSocket == null) {
      new ControlSession(registry, registry.ownBridge()).serve(channel);
      return;
    }
    HostedLink bridge;
    try {
      bridge = new HostedLink(bridgeSocket, registry);
    } catch (IOException e) {
      // The command line hears the reason as the answer to whatever it asks for first.
      refuse(channel, String.valueOf(e.getMessage()));
      throw e;
    }
    try (bridge) {
      new ControlSession(registry, bridge).serve(channel);
    }
  }

  private static void refuse(SocketChannel channel, String reason) {
    Server.Handler refusing =
        request -> {
          throw new ProbeException(Failure.Kind.MACHINE, reason);
        };
    new Server(channel, refusing, Runnable::run, Stderr::print).serve();
  }

  private void serve(SocketChannel channel) {
    // This thread answers one request after another, as a command line asks them.
    new Server(channel, this, Runnable::run, Stderr::print).serve();
    List<ManagedProbe<?>> left;
    synchronized (probes) {
      left = new ArrayList<>(probes.values());
    }
    left.forEach(probe -> registry.detach(probe.name()));
  }

  @Override
  public Message handle(Message request) throws ProbeException {
    return switch (request.type()) {
      case EXPECT -> expect(((Message.Expect) request).request());
      case ATTACH -> attach((Message.Attach) request);
      case CHECK -> check((Message.Check) request);
      case START -> new Message.Started(batch.start());
      case MARK -> mark();
      case READ -> read((Message.Read) request);
      case DETACH -> detach(((Message.Detach) request).probe());
      case OUTLIVE -> outlive(((Message.Outlive) request).probe());
      case REMOVE -> remove((Message.Remove) request);
      case NAMES ->
          new Message.Text(
              registry.all().stream().map(ManagedProbe::name).collect(Collectors.joining("\n")));
      case FIND -> find(((Message.Find) request).name());
      case OWN_THREADS -> throw ProbeException.notARequest(request);
      case HELLO,
          ATTACHED,
          STARTED,
          TEXT,
          HISTOGRAM,
          FREQUENCY,
          SUM,
          PAGE,
          FOUND,
          DONE,
          FAILURE,
          DETACHED,
          MAPPED ->
          throw ProbeException.notARequest(request);
    };
  }

  private Message expect(Message.Attach request) {
    batch.expect(new Requested(request.form(), request.specifier()), request.options());
    return new Message.Done();
  }

  private Message attach(Message.Attach request) throws ProbeException {
    Requested requested = new Requested(request.form(), request.specifier());
    ManagedProbe<?> probe = batch.attach(requested, request.options());
    synchronized (probes) {
      probes.put(++numbers, probe);
      return numbered(numbers, probe);
    }
  }

  private Message check(Message.Check request) throws ProbeException {
    return new Message.Text(
        registry.check(request.form(), request.specifier(), request.options(), bridge));
  }

  private Message detach(int number) throws ProbeException {
    registry.detach(probe(number).name());
    synchronized (probes) {
      paged.remove(number);
    }
    return new Message.Done();
  }

  private Message outlive(int number) throws ProbeException {
    probe(number);
    synchronized (probes) {
      probes.remove(number);
    }
    return new Message.Done();
  }

  private static Message.Attached numbered(int number, ManagedProbe<?> probe) {
    return probe.attached().named(number, probe.name());
  }

  private Message find(String name) throws ProbeException {
    ManagedProbe<?> found =
        registry.all().stream().filter(probe -> probe.name().equals(name)).findFirst().orElse(null);
    if (found == null) {
      throw new ProbeException(Failure.Kind.SPECIFIER, "there is no probe \"" + name + "\"");
    }
    synchronized (probes) {
      seen.values().removeIf(probe -> probe.current() instanceof State.Removed);
      int number =
          seen.entrySet().stream()
              .filter(entry -> entry.getValue() == found)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElseGet(() -> ++numbers);
      seen.put(number, found);
      return new Message.Found(numbered(number, found), found.specifier(), found.state());
    }
  }

  private Message remove(Message.Remove request) throws ProbeException {
    List<String> names = request.names();
    if (names.isEmpty()) {
      return new Message.Text(String.join("\n", registry.detachAll()));
    }
    try {
      names.forEach(registry::require);
    } catch (IllegalArgumentException e) {
      throw new ProbeException(Failure.Kind.SPECIFIER, String.valueOf(e.getMessage()));
    }
    names.forEach(registry::detach);
    return new Message.Text(String.join("\n", names));
  }

  /** Returns a probe of this session. */
  private ManagedProbe<?> probe(int number) throws ProbeException {
    return probe(number, Map.of());
  }

  private ManagedProbe<?> probe(int number, Map<Integer, ManagedProbe<?>> others)
      throws ProbeException {
    synchronized (probes) {
      ManagedProbe<?> probe = probes.getOrDefault(number, others.get(number));
      if (probe == null) {
        throw new ProbeException(Failure.Kind.INTERNAL, "there is no probe " + number);
      }
      return probe;
    }
  }

  private Message mark() throws ProbeException {
    try {
      batch.mark();
      return new Message.Done();
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, IoFailure.sentence(e));
    }
  }

  private Message read(Message.Read request) throws ProbeException {
    if (request.from() != 0) {
      Message page = TablePages.page(pagesOf(request.probe()), request.from());
      if (page instanceof Message.Counts) {
        synchronized (probes) {
          paged.remove(request.probe());
        }
      }
      return page;
    }
    ManagedProbe<?> probe = probe(request.probe(), seen);
    try {
      Snapshot<?> snapshot =
          switch (request.what()) {
            case NOW -> probe.readTotal();
            case MARKED -> probe.readMarked();
            case OPEN -> probe.readOpen();
          };
      return firstPage(request.probe(), Message.Counts.of(snapshot, Double.NaN, probe.health()));
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, IoFailure.sentence(e));
    }
  }

  private Message firstPage(int probe, Message.Counts whole) {
    Message first = TablePages.page(whole, 0);
    synchronized (probes) {
      if (first instanceof Message.Page) {
        paged.put(probe, whole);
      } else {
        paged.remove(probe);
      }
    }
    return first;
  }

  private Message.Counts pagesOf(int number) throws ProbeException {
    synchronized (probes) {
      Message.Counts whole = paged.get(number);
      if (whole == null) {
        throw new ProbeException(Failure.Kind.INTERNAL, "probe " + number + " is not being read");
      }
      return whole;
    }
  }
}
