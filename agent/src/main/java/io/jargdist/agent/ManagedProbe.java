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
        new View<>(
            State.Waiting.TO_BE_ATTACHED,
            attached,
            0,
            ProbeHealth.UNKNOWN,
            null,
            null,
            empty,
            empty);
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
    View<S> attachedBy(State now, Attachment by, long nanoTime) {
      long first = firstAttached == null ? nanoTime : firstAttached;
      ProbeHealth known = health.with(by.answer().libraries());
      return new View<>(now, by.answer(), by.group(), known, first, lastError, before, last);
    }

    View<S> mapped(State now, Message.Mapped news) {
      return new View<>(
          now,
          attached.at(news.attachPoints(), news.libraries()),
          group,
          health.with(news.libraries()),
          firstAttached,
          lastError,
          before,
          last);
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

  /** Returns what its rows are keyed by; none without keys. */
  public final List<KeyColumn> columns() {
    return view.attached().columns();
  }

  /** Returns the unit of its values; empty if it is not known, or there are none. */
  public final String unit() {
    return view.attached().unit();
  }

  public final List<String> placement() {
    return view.attached().attachPoints();
  }

  public final List<String> warnings() {
    View<S> now = view;
    return now.attached().warnings(now.health());
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
    if (by != null && next.place() != null) {
      return now.attachedBy(next, by, System.nanoTime());
    } else if (next instanceof State.Interrupted) {
      return now.interrupted(next, lostOnce());
    } else if (next instanceof State.Failed failed) {
      return now.in(next, now.health(), failed.reason());
    } else if (next instanceof State.Detached detached) {
      ProbeHealth.Detached why = detached.why();
      ProbeHealth last = ProbeHealth.of(why, now.health().open(), now.health().libraries());
      return now.in(next, last, why.isFailure() ? why.reason() : now.lastError());
    }
    return now.in(next, now.health(), now.lastError());
  }

  /**
   * A host has attached it.
   *
   * @return false if the probe was removed meanwhile: the caller has to detach it there
   */
  boolean attachedBy(ProbeHost host, Message.Attached answer, int group) {
    State.Event event =
        new State.Event.Attached(
            new State.Place(host, answer.probe()), answer.libraries().awaited());
    return happens(event, new Attachment(answer, group)) != null;
  }

  /**
   * Its host has attached it elsewhere, since a library was mapped, or is not mapped any more.
   *
   * @return false if it is not that host's any more
   */
  boolean mappedBy(ProbeHost host, Message.Mapped news) {
    State.Place place = new State.Place(host, news.probe());
    synchronized (changing) {
      if (!place.equals(view.state().place())) {
        return false;
      }
      State.Event event = new State.Event.Mapped(place, news.libraries().awaited());
      view = view.mapped(view.state().next(event), news);
    }
    if (news.libraries().placed()) {
      started(news.time());
    }
    return true;
  }

  /** Returns whether it is attached for each of its events. */
  boolean isPlaced() {
    return view.attached().libraries().placed();
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
    State.Event event =
        why.cause() == ProbeHealth.Detached.Cause.FAILED
            ? new State.Event.Refused(why.reason())
            : new State.Event.Detached(why);
    return leave(happens(event, null));
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
    State.Place place = before == null ? null : before.place();
    if (place != null) {
      place.host().detach(place.number());
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
      State.Place place = now.state().place();
      if (place == null) {
        return now.last();
      }
      Answer<S> answer = decode(place.host().read(place.number(), Message.Read.What.NOW));
      S total = now.before().plus(answer.snapshot());
      View<S> after = show(place, total, answer.health());
      ProbeHealth.Detached why = answer.health().detached();
      if (why != null) {
        listener.detached(place.host(), place.number(), why);
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
      State.Place place = now.state().place();
      if (place == null) {
        return now.last();
      }
      Answer<S> answer = decode(place.host().read(place.number(), Message.Read.What.MARKED));
      note(place, answer.health());
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
    State.Place place = view.state().place();
    if (open == null || open == 0 || place == null) {
      return FrequencySnapshot.EMPTY;
    }
    try {
      Message answer = place.host().read(place.number(), Message.Read.What.OPEN);
      if (answer instanceof Message.Frequency frequency) {
        return frequency.snapshot();
      }
      throw unexpected(answer);
    } catch (ProbeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** If another host counts for it meanwhile, the answer is late, and is part of the loss. */
  private View<S> show(State.Place place, S total, ProbeHealth health) {
    synchronized (changing) {
      if (place.equals(view.state().place())) {
        view = view.read(total, health);
      }
      return view;
    }
  }

  private void note(State.Place place, ProbeHealth health) {
    synchronized (changing) {
      if (place.equals(view.state().place()) && health.detached() == null) {
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
    public SumSnapshot read() throws IOException {
      return readTotal();
    }
  }
}
