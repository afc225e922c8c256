/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.jmx.FrequencyProbe;
import io.jargdist.jmx.HistogramProbe;
import io.jargdist.jmx.Probe;
import io.jargdist.jmx.SumProbe;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A probe that a user asked for. It need not be attached at the moment. When a new bridge attaches
 * it again, its counts go on where they were. Thread-safe; only reading and detaching wait.
 */
abstract sealed class ManagedProbe<S extends Snapshot<S>> {
  private final String name;
  private final Requested requested;
  private final ProbeOptions options;
  private final HostSource source;
  private final ProbeHost.Listener listener;
  private volatile @Nullable Instant started;

  /**
   * A thread holds this lock while it replaces the view, which never waits. Reading the view needs
   * no lock.
   */
  private final Object changing = new Object();

  private volatile View<S> view;

  /** Held while a host is asked for the numbers, so that later numbers are never the smaller. */
  private final ReentrantLock readLock = new ReentrantLock();

  private ManagedProbe(Wish wish, Message.Attached attached, S empty) {
    this.name = wish.name();
    this.requested = wish.requested();
    this.options = wish.options();
    this.source = wish.source();
    this.listener = wish.listener();
    this.view =
        new View<>(new State.Waiting(), attached, 0, ProbeHealth.UNKNOWN, null, null, empty, empty);
  }

  /**
   * A probe that a user asks for.
   *
   * @param name of its MBean
   * @param source of the host that is to count for it
   * @param listener hears of a detached probe when a snapshot shows it
   */
  record Wish(
      String name,
      Requested requested,
      ProbeOptions options,
      HostSource source,
      ProbeHost.Listener listener) {}

  /**
   * All that changes about a probe, as it is at one moment.
   *
   * @param group of the host that has attached it last; 0 if none has
   * @param firstAttached by {@link System#nanoTime}; null if it never was
   * @param lastError what last went wrong; null if nothing ever did
   * @param before what earlier hosts have counted
   * @param last what all hosts have counted, as far as the last snapshot told
   */
  private record View<S extends Snapshot<S>>(
      State state,
      Message.Attached attached,
      int group,
      ProbeHealth health,
      @Nullable Long firstAttached,
      @Nullable String lastError,
      S before,
      S last) {
    View<S> attachedBy(State.Running running, Attachment by, long nanoTime) {
      long first = firstAttached == null ? nanoTime : firstAttached;
      return new View<>(running, by.answer(), by.group(), health, first, lastError, before, last);
    }

    /** The counts since the last snapshot are not known, which is one loss. */
    View<S> interrupted(State state, S lostOnce) {
      S known = last.plus(lostOnce);
      return new View<>(
          state,
          attached,
          group,
          ProbeHealth.UNKNOWN,
          firstAttached,
          "the bridge ended",
          known,
          known);
    }

    View<S> in(State state, ProbeHealth health, @Nullable String error) {
      return new View<>(state, attached, group, health, firstAttached, error, before, last);
    }

    View<S> read(S total, ProbeHealth health) {
      return new View<>(state, attached, group, health, firstAttached, lastError, before, total);
    }
  }

  /** The answer of the host that has attached the probe. */
  private record Attachment(Message.Attached answer, int group) {}

  /** A host's answer to the question what it has counted. */
  record Answer<S>(S snapshot, ProbeHealth health) {}

  /** Returns this probe as the MBean sees it. */
  Probe published() {
    return (Probe) this;
  }

  abstract Answer<S> decode(Message answer) throws ProbeException;

  abstract S lostOnce();

  public final String name() {
    return name;
  }

  Requested requested() {
    return requested;
  }

  ProbeOptions options() {
    return options;
  }

  HostSource source() {
    return source;
  }

  State current() {
    return view.state();
  }

  /**
   * Returns the options for the next bridge, with the time that is left.
   *
   * @return null if nothing is left
   */
  @Nullable ProbeOptions optionsNow() {
    Duration ttl = options.limits().ttl();
    Long first = view.firstAttached();
    if (ttl == null || first == null) {
      return options;
    }
    Duration left = ttl.minusNanos(System.nanoTime() - first);
    return left.toMillis() <= 0
        ? null
        : options.withLimits(new Limits(options.limits().maxOverheadPercent(), left));
  }

  Message.Attached attached() {
    return view.attached();
  }

  public final String specifier() {
    return requested.specifier();
  }

  public final List<String> placement() {
    return view.attached().attachPoints();
  }

  public final List<String> warnings() {
    View<S> now = view;
    return now.attached().warnings(now.health().paced());
  }

  public final String state() {
    return view.state().text();
  }

  ProbeHealth health() {
    return view.health();
  }

  public final double hitsPerSecond() {
    return view.health().hitsPerSecond();
  }

  public final double overheadPercent() {
    return view.health().overheadPercent();
  }

  public final @Nullable Long open() {
    return view.health().open();
  }

  public final @Nullable String lastError() {
    return view.lastError();
  }

  public final @Nullable Instant started() {
    return started;
  }

  /** It counts since then; it may have been started by an earlier host. */
  void started(Instant time) {
    if (started == null) {
      started = time;
    }
  }

  /** Returns the number by which the host knows the probes that began with this one. */
  int group() {
    return view.group();
  }

  /**
   * The only place where a probe changes its state.
   *
   * @param by how a host has attached it; null for other events
   * @return the state before; null if the event changes nothing
   */
  private @Nullable State happens(State.Event event, @Nullable Attachment by) {
    synchronized (changing) {
      View<S> before = view;
      State next = before.state().next(event);
      if (next == before.state()) {
        return null;
      }
      view = changed(before, next, by);
      return before.state();
    }
  }

  private View<S> changed(View<S> now, State next, @Nullable Attachment by) {
    if (next instanceof State.Running running && by != null) {
      return now.attachedBy(running, by, System.nanoTime());
    } else if (next instanceof State.Interrupted) {
      return now.interrupted(next, lostOnce());
    } else if (next instanceof State.Failed failed) {
      return now.in(next, now.health(), failed.reason());
    } else if (next instanceof State.Detached detached) {
      ProbeHealth.Detached why = detached.why();
      ProbeHealth last = ProbeHealth.of(why, now.health().open());
      return now.in(next, last, why.tooExpensive() ? why.reason() : now.lastError());
    }
    return now.in(next, now.health(), now.lastError());
  }

  /**
   * A host has attached it.
   *
   * @return false if the probe was removed meanwhile: the caller has to detach it there
   */
  boolean attachedBy(ProbeHost host, Message.Attached answer, int group) {
    State.Event event = new State.Event.Attached(host, answer.probe());
    return happens(event, new Attachment(answer, group)) != null;
  }

  /**
   * Its host has detached it, or it must not be attached again. Reads its numbers a last time, and
   * goes on to show them.
   *
   * @return false if that was known
   */
  boolean wasDetached(ProbeHealth.Detached why) {
    try {
      readTotal();
    } catch (IOException e) {
      // The numbers are those of the snapshot before.
    }
    return leave(happens(new State.Event.Detached(why), null));
  }

  /**
   * A host has ended.
   *
   * @return whether it was this probe's, so that another one has to attach it
   */
  boolean interruptedBy(ProbeHost ended) {
    return happens(new State.Event.Lost(ended), null) != null;
  }

  /** It cannot be attached. Answers whether that changes anything. */
  boolean failed(String reason) {
    return happens(new State.Event.Refused(reason), null) != null;
  }

  /**
   * Removes the probe: its host detaches it.
   *
   * @return false if that was known
   */
  boolean remove() {
    return leave(happens(new State.Event.Removed(), null));
  }

  private static boolean leave(@Nullable State before) {
    if (before instanceof State.Running running) {
      running.host().detach(running.number());
    }
    return before != null;
  }

  /**
   * Asks its host what it has counted.
   *
   * @return what was counted since it was asked for
   */
  final S readTotal() throws IOException {
    readLock.lock();
    try {
      View<S> now = view;
      if (!(now.state() instanceof State.Running running)) {
        return now.last();
      }
      Answer<S> answer = decode(running.host().read(running.number(), Message.Read.What.NOW));
      S total = now.before().plus(answer.snapshot());
      View<S> after = show(running, total, answer.health());
      ProbeHealth.Detached why = answer.health().detached();
      if (why != null) {
        listener.detached(running.host(), running.number(), why);
      }
      return after.last();
    } catch (ProbeException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      readLock.unlock();
    }
  }

  /**
   * Asks its host what it had counted when its batch was last marked. Other readers may have seen
   * later numbers.
   *
   * @return what was counted since it was asked for
   */
  final S readMarked() throws IOException {
    readLock.lock();
    try {
      View<S> now = view;
      if (!(now.state() instanceof State.Running running)) {
        return now.last();
      }
      Answer<S> answer = decode(running.host().read(running.number(), Message.Read.What.MARKED));
      note(running, answer.health());
      return now.before().plus(answer.snapshot());
    } catch (ProbeException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      readLock.unlock();
    }
  }

  /** Asks its host for the pairs that have begun and not ended, by key. */
  public final FrequencySnapshot readOpen() throws IOException {
    Long open = open();
    if (open == null || open == 0 || !(view.state() instanceof State.Running running)) {
      return FrequencySnapshot.EMPTY;
    }
    try {
      Message answer = running.host().read(running.number(), Message.Read.What.OPEN);
      if (answer instanceof Message.Frequency frequency) {
        return frequency.snapshot();
      }
      throw unexpected(answer);
    } catch (ProbeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** If another host counts for it meanwhile, the answer is late, and is part of the loss. */
  private View<S> show(State.Running running, S total, ProbeHealth health) {
    synchronized (changing) {
      if (view.state() == running) {
        view = view.read(total, health);
      }
      return view;
    }
  }

  private void note(State.Running running, ProbeHealth health) {
    synchronized (changing) {
      if (view.state() == running && health.detached() == null) {
        view = view.read(view.last(), health);
      }
    }
  }

  private static Losses oneRestart() {
    return new Losses(Map.of(Loss.BRIDGE_RESTART, 1L));
  }

  private static ProbeException unexpected(Message answer) {
    return new ProbeException(
        Message.Failure.Kind.INTERNAL, "the bridge answered with " + answer.getClass().getName());
  }

  static ManagedProbe<?> of(Wish wish, Message.Attached attached) {
    return switch (wish.requested().form()) {
      case HISTOGRAM -> new Histogram(wish, attached);
      case FREQUENCY -> new Frequency(wish, attached);
      case SUM -> new Sum(wish, attached);
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

    /** A probe that cannot be attached has the scheme that the user asked for. */
    private static BucketScheme scheme(Message.Attached attached, ProbeOptions options) {
      BucketScheme attachedAs = attached.buckets();
      return attachedAs == null ? options.buckets() : attachedAs;
    }

    @Override
    public BucketScheme scheme() {
      return scheme;
    }

    @Override
    Answer<HistogramSnapshot> decode(Message answer) throws ProbeException {
      if (!(answer instanceof Message.Histogram histogram)) {
        throw unexpected(answer);
      }
      latencyFloorNanos = histogram.latencyFloorNanos();
      return new Answer<>(histogram.snapshot(), histogram.health());
    }

    @Override
    HistogramSnapshot lostOnce() {
      return new HistogramSnapshot(
          scheme, new long[scheme.slots()], 0, oneRestart(), Sampling.NONE);
    }

    @Override
    public String label() {
      return attached().label();
    }

    @Override
    public List<KeyColumn> columns() {
      return attached().columns();
    }

    @Override
    public String unit() {
      return attached().unit();
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
    Answer<FrequencySnapshot> decode(Message answer) throws ProbeException {
      if (!(answer instanceof Message.Frequency frequency)) {
        throw unexpected(answer);
      }
      return new Answer<>(frequency.snapshot(), frequency.health());
    }

    @Override
    FrequencySnapshot lostOnce() {
      return new FrequencySnapshot(Map.of(), oneRestart(), Sampling.NONE);
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

  private static final class Sum extends ManagedProbe<SumSnapshot> implements SumProbe {
    Sum(Wish wish, Message.Attached attached) {
      super(wish, attached, SumSnapshot.EMPTY);
    }

    @Override
    Answer<SumSnapshot> decode(Message answer) throws ProbeException {
      if (!(answer instanceof Message.Sum sum)) {
        throw unexpected(answer);
      }
      return new Answer<>(sum.snapshot(), sum.health());
    }

    @Override
    SumSnapshot lostOnce() {
      return new SumSnapshot(Map.of(), oneRestart(), Sampling.NONE);
    }

    @Override
    public List<KeyColumn> columns() {
      return attached().columns();
    }

    @Override
    public String unit() {
      return attached().unit();
    }

    @Override
    public SumSnapshot read() throws IOException {
      return readTotal();
    }
  }
}
