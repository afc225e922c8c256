/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Limits;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.bridge.protocol.ProbeException;
import io.jargdist.bridge.protocol.ProbeHealth;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.jmx.FrequencyProbe;
import io.jargdist.jmx.HistogramProbe;
import io.jargdist.jmx.Probe;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A probe that somebody asked for, whether it is attached right now or not. Its counts go on where
 * they were when a new bridge attaches it again. Thread-safe.
 */
abstract sealed class ManagedProbe<S extends Snapshot<S>> {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);

  private final String name;
  private final Requested requested;
  private final ProbeOptions options;
  private final BridgeSource bridge;
  private final Instant started = Instant.now();
  private S before;
  private S last;
  private @Nullable Client client;
  private Message.Attached attached;
  private String state;
  private boolean removed;
  private ProbeHealth health = ProbeHealth.UNKNOWN;
  private @Nullable Long firstAttachedNanoTime;
  private @Nullable String lastError;

  private ManagedProbe(Wish wish, Message.Attached attached, S empty) {
    this.name = wish.name();
    this.requested = wish.requested();
    this.options = wish.options();
    this.bridge = wish.bridge();
    this.attached = attached;
    this.before = empty;
    this.last = empty;
    this.state = "not attached";
  }

  /**
   * A probe that somebody asks for.
   *
   * @param name of its MBean
   * @param bridge who is to run it
   */
  record Wish(String name, Requested requested, ProbeOptions options, BridgeSource bridge) {}

  /** The MBean's view of it. */
  Probe published() {
    return (Probe) this;
  }

  /** Asks what it has counted, and keeps its {@link #health}. */
  abstract S snapshot(Client from, int number) throws IOException, ProbeException;

  abstract S lostOnce();

  /** That a bridge has detached it counts when it has said so. */
  final synchronized void keep(ProbeHealth read) {
    if (!isEnded() && read.detached() == null) {
      health = read;
    }
  }

  public final String name() {
    return name;
  }

  Requested requested() {
    return requested;
  }

  ProbeOptions options() {
    return options;
  }

  /**
   * What to ask the next bridge for: of its time, what is left.
   *
   * @return null if nothing is left
   */
  synchronized @Nullable ProbeOptions optionsNow() {
    Duration ttl = options.limits().ttl();
    if (ttl == null || firstAttachedNanoTime == null) {
      return options;
    }
    Duration left = ttl.minusNanos(System.nanoTime() - firstAttachedNanoTime);
    return left.toMillis() <= 0
        ? null
        : options.withLimits(new Limits(options.limits().maxOverheadPercent(), left));
  }

  BridgeSource bridge() {
    return bridge;
  }

  synchronized Message.Attached attached() {
    return attached;
  }

  public final String specifier() {
    return requested.specifier();
  }

  public final synchronized List<String> placement() {
    return attached.attachPoints();
  }

  public final synchronized String state() {
    return state;
  }

  /** A bridge runs it now; if it was removed meanwhile, not for long. */
  synchronized void attachedBy(Client bridge, Message.Attached answer) {
    client = bridge;
    attached = answer;
    if (removed) {
      detach();
    } else {
      state = "running";
      if (firstAttachedNanoTime == null) {
        firstAttachedNanoTime = System.nanoTime();
      }
    }
  }

  /** Whether it is the one that a bridge means. */
  synchronized boolean isOf(BridgeSource source, int number) {
    return bridge == source && client != null && attached.probe() == number;
  }

  /**
   * Its bridge has detached it, or will not attach it again. Its numbers stay here.
   *
   * @return false if that was known
   */
  synchronized boolean ended(ProbeHealth.Detached why) {
    if (removed || isEnded()) {
      return false;
    }
    Client bridge = client;
    client = null;
    health = ProbeHealth.of(why);
    state = "detached: " + why.reason();
    if (why.tooExpensive()) {
      lastError = why.reason();
    }
    if (bridge != null) {
      try {
        last = before.plus(snapshot(bridge, attached.probe()));
        bridge.call(new Message.Detach(attached.probe()), Message.Done.class, READ_TIMEOUT);
      } catch (IOException | ProbeException e) {
        // The numbers are those of the reading before.
      }
    }
    return true;
  }

  /** Whether it was detached although nobody asked for it. */
  synchronized boolean isEnded() {
    return health.detached() != null;
  }

  synchronized ProbeHealth health() {
    return health;
  }

  public final synchronized double hitsPerSecond() {
    return health.hitsPerSecond();
  }

  public final synchronized double overheadPercent() {
    return health.overheadPercent();
  }

  /**
   * A bridge has ended. If it is the one that ran this probe, what was counted since the last
   * reading is not known: one loss.
   *
   * @return whether another bridge has to attach it
   */
  synchronized boolean interruptedBy(Client ended) {
    boolean ours = client == ended;
    if (ours) {
      client = null;
      health = ProbeHealth.UNKNOWN;
      before = last.plus(lostOnce());
      last = before;
      state = "interrupted: the bridge ended, another one is being started";
      lastError = "the bridge ended";
    }
    return ours;
  }

  synchronized void failed(String reason) {
    client = null;
    state = "failed: " + reason.lines().findFirst().orElse("");
    lastError = reason;
  }

  /** Asks the bridge to detach it; nothing happens if it is not attached. */
  synchronized void detach() {
    Client bridge = client;
    client = null;
    removed = true;
    state = "removed";
    if (bridge != null) {
      try {
        bridge.call(new Message.Detach(attached.probe()), Message.Done.class, READ_TIMEOUT);
      } catch (IOException | ProbeException e) {
        // The bridge is gone, and the probe with it.
      }
    }
  }

  final synchronized S readTotal() throws IOException {
    if (client == null) {
      return last;
    }
    try {
      last = before.plus(snapshot(client, attached.probe()));
      return last;
    } catch (ProbeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  public final synchronized @Nullable String lastError() {
    return lastError;
  }

  public final Instant started() {
    return started;
  }

  private static Losses oneRestart() {
    return new Losses(Map.of(Loss.BRIDGE_RESTART, 1L));
  }

  static ManagedProbe<?> of(Wish wish, Message.Attached attached) {
    return switch (wish.requested().form()) {
      case HISTOGRAM -> new Histogram(wish, attached);
      case FREQUENCY -> new Frequency(wish, attached);
    };
  }

  private static final class Histogram extends ManagedProbe<HistogramSnapshot>
      implements HistogramProbe {
    private final BucketScheme scheme;
    private volatile double latencyFloorNanos = Double.NaN;

    Histogram(Wish wish, Message.Attached attached) {
      this(wish, attached, scheme(attached, wish.options()));
    }

    private Histogram(Wish wish, Message.Attached attached, BucketScheme scheme) {
      super(wish, attached, HistogramSnapshot.empty(scheme));
      this.scheme = scheme;
    }

    /** What cannot be attached has the scheme that was asked for. */
    private static BucketScheme scheme(Message.Attached attached, ProbeOptions options) {
      BucketScheme attachedAs = attached.buckets();
      return attachedAs == null ? options.buckets() : attachedAs;
    }

    @Override
    public BucketScheme scheme() {
      return scheme;
    }

    @Override
    HistogramSnapshot snapshot(Client from, int number) throws IOException, ProbeException {
      Message.Histogram answer =
          from.call(new Message.Read(number), Message.Histogram.class, READ_TIMEOUT);
      latencyFloorNanos = answer.latencyFloorNanos();
      keep(answer.health());
      return answer.snapshot();
    }

    @Override
    HistogramSnapshot lostOnce() {
      return new HistogramSnapshot(scheme, new long[scheme.slots()], 0, oneRestart());
    }

    @Override
    public String label() {
      return attached().label();
    }

    @Override
    public String unit() {
      return specifier().matches(".*:\\s*\\$latency\\s*(#.*)?") ? "ns" : "";
    }

    @Override
    public double latencyFloorNanos() {
      return latencyFloorNanos;
    }

    @Override
    public HistogramSnapshot read() throws IOException {
      return readTotal();
    }
  }

  private static final class Frequency extends ManagedProbe<FrequencySnapshot>
      implements FrequencyProbe {
    Frequency(Wish wish, Message.Attached attached) {
      super(wish, attached, FrequencySnapshot.EMPTY);
    }

    @Override
    FrequencySnapshot snapshot(Client from, int number) throws IOException, ProbeException {
      Message.Frequency answer =
          from.call(new Message.Read(number), Message.Frequency.class, READ_TIMEOUT);
      keep(answer.health());
      return answer.snapshot();
    }

    @Override
    FrequencySnapshot lostOnce() {
      return new FrequencySnapshot(Map.of(), oneRestart());
    }

    @Override
    public List<KeyColumn> columns() {
      return attached().columns();
    }

    @Override
    public FrequencySnapshot read() throws IOException {
      return readTotal();
    }
  }
}
