/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.jmx.MBeans;
import io.jargdist.jmx.Probe;
import io.jargdist.jmx.ProbeNames;
import io.jargdist.jmx.jfr.ProbeEvents;
import io.jargdist.specifier.Form;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.OwnThreads;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All probes of this JVM, with the hosts that count for them. When a bridge ends, its probes stay
 * in the registry, and the next bridge attaches them again. Thread-safe. No lock is held while a
 * host, the MBean server or a listener of the application is called.
 */
final class ProbeRegistry implements ProbeHost.Listener, BridgeLife.Probes {
  private static final int MAX_RESTARTS_IN_A_ROW = 3;

  private final AgentThreads threads = new AgentThreads(this::threadFailed);
  private final ThreadNews threadNews = new ThreadNews(threads);
  private final BridgeLife bridge;
  private final Map<String, Entry> probes = new LinkedHashMap<>();
  private final Unmatched<ProbeHealth.Detached> detached = new Unmatched<>();
  private final Unmatched<Message.Mapped> mapped = new Unmatched<>();
  private volatile @Nullable MBeans mbeans;
  private final Object eventsLock = new Object();
  private volatile @Nullable ProbeEvents events;
  private volatile @Nullable String lastError;
  private volatile boolean systemScopeAllowed;

  /** A probe and whether it has an MBean. */
  private record Entry(ManagedProbe<?> probe, Publication publication) {}

  /** Creates the registry of this JVM, with a bridge of its own. */
  static ProbeRegistry create() {
    ProbeRegistry registry = new ProbeRegistry();
    OwnThreads.follow(registry.threadNews);
    return registry;
  }

  private ProbeRegistry() {
    bridge = BridgeLife.ofProcess(this, threads, this);
  }

  /**
   * Creates a registry for tests.
   *
   * @param ownBridge the source of the host of this JVM's own probes
   * @param release see {@link BridgeUses}
   */
  ProbeRegistry(HostSource ownBridge, Supplier<Runnable> release, Duration idle) {
    bridge = new BridgeLife(ownBridge, () -> "of a test", release, idle, threads, this);
  }

  @Override
  public boolean needBridge() {
    return all().stream()
        .anyMatch(probe -> probe.source() == ownBridge() && probe.current().place() != null);
  }

  private void threadFailed(String line) {
    lastError = line;
    Stderr.print(line);
  }

  /** Returns the threads of this agent. */
  AgentThreads threads() {
    return threads;
  }

  /** Returns the source of this JVM's own bridge. */
  HostSource ownBridge() {
    return bridge.source();
  }

  /** Gives every probe an MBean from now on, also the probes that exist already. */
  void publishOn(MBeans beans) {
    mbeans = beans;
    for (Entry entry : entries()) {
      try {
        publish(entry);
      } catch (IllegalStateException e) {
        threadFailed(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Begins to show the probes in recordings of Flight Recorder, when the first probe comes. Most
   * JVMs have no probe, and need not load the classes of Flight Recorder.
   */
  private void startEvents() {
    synchronized (eventsLock) {
      if (events == null) {
        events = ProbeEvents.start(this::published);
      }
    }
  }

  private List<Probe> published() {
    return all().stream().map(ManagedProbe::published).toList();
  }

  /** Lets probes of this JVM's own bridge count other processes, too, from now on. */
  void allowSystemScope() {
    systemScopeAllowed = true;
  }

  /**
   * Refuses probes of other processes if they are not allowed. The user with the privilege decides.
   * A command line that is the bridge of its own probes has the privilege, and attaches only what
   * its user typed. This JVM's own bridge serves everyone who may use the agent, so the user who
   * has started the JVM decides.
   */
  private void checkScope(ProbeOptions options, HostSource source) throws ProbeException {
    if (options.systemWide() && source == ownBridge() && !systemScopeAllowed) {
      throw new ProbeException(
          Failure.Kind.MACHINE,
          "this agent may not count other processes (--scope system): start the JVM with"
              + " -javaagent:jargdist.jar=\"--allow system-scope\", or count from outside, as"
              + " root: java -jar jargdist.jar -p "
              + ProcessHandle.current().pid()
              + " --scope system ...");
    }
  }

  /** Begins a batch of probes that begin to count at the same instant. */
  ProbeBatch batch(HostSource source) {
    return new ProbeBatch(this, source);
  }

  /** Attaches a probe as {@link ProbeBatch#attach} does, and lets it count. */
  ManagedProbe<?> attach(Requested requested, ProbeOptions options, HostSource source)
      throws ProbeException {
    ProbeBatch alone = batch(source);
    ManagedProbe<?> probe = alone.attach(requested, options);
    alone.start();
    return probe;
  }

  /**
   * Attaches a probe and publishes it.
   *
   * @param source of the host that will count for the probe
   * @param group of the probes that begin to count together with it
   * @throws ProbeException if it cannot be attached; then there is no such probe
   */
  ManagedProbe<?> attach(Requested requested, ProbeOptions options, HostSource source, int group)
      throws ProbeException {
    startEvents();
    try {
      checkScope(options, source);
      return bridge.ask(
          source, host -> attached(host, new Wanted(requested, options), source, group));
    } catch (ProbeException e) {
      lastError = e.getMessage();
      MBeans beans = mbeans;
      if (beans != null) {
        beans.rejected(requested.specifier(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  /** Has the host prepare for probes that will be attached. What fails, attaching tells. */
  void expect(List<Requested> requested, ProbeOptions options, HostSource source, int group) {
    try {
      checkScope(options, source);
      bridge.ask(
          source,
          host -> {
            host.expect(requested.stream().map(each -> message(each, options, group)).toList());
            return true;
          });
    } catch (ProbeException e) {
      // Attaching meets it again.
    }
  }

  private static Message.Attach message(Requested requested, ProbeOptions options, int group) {
    return new Message.Attach(requested.form(), requested.specifier(), options, group);
  }

  private record Wanted(Requested requested, ProbeOptions options) {}

  private ManagedProbe<?> attached(ProbeHost host, Wanted wanted, HostSource source, int group)
      throws ProbeException {
    Message.Attached answer = ask(host, wanted.requested(), wanted.options(), group);
    Entry entry = register(wanted.requested(), wanted.options(), source, answer);
    runs(entry.probe(), host, answer, group);
    try {
      publish(entry);
    } catch (IllegalStateException e) {
      detach(entry);
      throw new ProbeException(Failure.Kind.MACHINE, String.valueOf(e.getMessage()));
    }
    return entry.probe();
  }

  private static Message.Attached ask(
      ProbeHost host, Requested requested, ProbeOptions options, int group) throws ProbeException {
    try {
      return host.attach(message(requested, options, group));
    } catch (IOException e) {
      throw new ProbeException(
          Failure.Kind.MACHINE, "the bridge did not attach the probe: " + IoFailure.sentence(e));
    }
  }

  /**
   * Notes that a host counts for a probe. The host may already have ended, or have detached the
   * probe.
   */
  private void runs(ManagedProbe<?> probe, ProbeHost host, Message.Attached answer, int group) {
    if (!probe.attachedBy(host, answer, group)) {
      host.detach(answer.probe());
      return;
    }
    settle(probe);
    if (host.isClosed()) {
      lost(host);
    }
  }

  /**
   * Attaches probes that begin to count at the same instant. A probe that cannot be attached is
   * published, too, with the reason.
   */
  void attachOrShow(List<Requested> all, ProbeOptions options) {
    ProbeBatch batch = batch(ownBridge());
    batch.expect(all, options);
    all.forEach(requested -> attachOrShow(batch, requested, options));
    try {
      batch.start();
    } catch (ProbeException e) {
      threadFailed(String.valueOf(e.getMessage()));
    }
  }

  private void attachOrShow(ProbeBatch batch, Requested requested, ProbeOptions options) {
    try {
      batch
          .attach(requested, options)
          .warnings()
          .forEach(warning -> Stderr.print("warning: " + warning));
    } catch (ProbeException e) {
      String reason = String.valueOf(e.getMessage());
      Stderr.print(reason);
      Message.Attached nothing =
          Message.Attached.nowhere(labelOf(requested.specifier()), requested.specifier());
      Entry entry = register(requested, options, ownBridge(), nothing);
      entry.probe().failed(reason);
      publish(entry);
    }
  }

  private Entry register(
      Requested requested, ProbeOptions options, HostSource source, Message.Attached answer) {
    synchronized (probes) {
      String label = answer.labelled() ? answer.label() : null;
      String name = ProbeNames.choose(label, requested.specifier(), probes.keySet());
      ManagedProbe<?> probe =
          ManagedProbe.of(new ManagedProbe.Wish(name, requested, options, source, this), answer);
      Entry entry = new Entry(probe, new Publication());
      probes.put(name, entry);
      return entry;
    }
  }

  /**
   * Returns the text behind the first {@code #} outside a literal, of a specifier that was refused.
   */
  private static @Nullable String labelOf(String refused) {
    char quote = 0;
    for (int i = 0; i < refused.length(); i++) {
      char c = refused.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '#') {
        return refused.substring(i + 1);
      }
    }
    return null;
  }

  /**
   * @throws IllegalStateException if the MBean server refuses; the message says why
   */
  private void publish(Entry entry) {
    MBeans beans = mbeans;
    if (beans == null || !entry.publication().begin()) {
      return;
    }
    boolean published = false;
    try {
      beans.publish(entry.probe().published());
      published = true;
    } finally {
      if (entry.publication().done(published)) {
        forget(entry);
      }
    }
  }

  /** Removes a probe. Its MBean goes first, since the name must not be used again before. */
  private void forget(Entry entry) {
    MBeans beans = mbeans;
    if (beans != null) {
      beans.withdraw(entry.probe().name());
    }
    synchronized (probes) {
      probes.remove(entry.probe().name());
    }
  }

  /** Detaches and forgets a probe; returns whether there was one. */
  boolean detach(String name) {
    Entry entry;
    synchronized (probes) {
      entry = probes.get(name);
    }
    return entry != null && detach(entry);
  }

  private boolean detach(Entry entry) {
    ProbeEvents recorded = events;
    if (recorded != null) {
      recorded.beforeRemoval(entry.probe().published());
    }
    if (!entry.probe().remove()) {
      return false;
    }
    if (entry.publication().remove()) {
      forget(entry);
    }
    bridge.changed();
    return true;
  }

  /** Detaches and forgets all probes, and ends the bridge; returns the names of the probes. */
  List<String> detachAll() {
    List<String> names = all().stream().map(ManagedProbe::name).filter(this::detach).toList();
    bridge.endNow();
    return names;
  }

  @Override
  public void detached(ProbeHost host, int number, ProbeHealth.Detached why) {
    detached.add(new State.Place(host, number), why);
    all().forEach(this::settle);
  }

  @Override
  public void mapped(ProbeHost host, Message.Mapped news) {
    mapped.add(new State.Place(host, news.probe()), news);
    all().forEach(this::settle);
  }

  /**
   * Matches a probe with the news that its host has for it. The news may come before the registry
   * knows which host attached the probe. So this is called after the news, and also after a probe
   * has got its host.
   */
  private void settle(ManagedProbe<?> probe) {
    State.Place place = probe.current().place();
    if (place != null) {
      Message.Mapped news = mapped.remove(place);
      if (news != null) {
        noteMapped(probe, place.host(), news);
      }
      ProbeHealth.Detached why = detached.remove(place);
      if (why != null) {
        threads.later(Duration.ZERO, () -> noteDetached(probe, why));
      }
    }
  }

  private void noteMapped(ManagedProbe<?> probe, ProbeHost host, Message.Mapped news) {
    MBeans beans = mbeans;
    if (probe.mappedBy(host, news) && beans != null && !news.what().isEmpty()) {
      beans.mapped(probe.name(), news.what());
    }
  }

  private void noteDetached(ManagedProbe<?> probe, ProbeHealth.Detached why) {
    if (!probe.wasDetached(why)) {
      return;
    }
    if (why.cause() == ProbeHealth.Detached.Cause.FAILED) {
      notifyFailed(probe, why.reason());
      bridge.changed();
      return;
    } else if (why.cause() == ProbeHealth.Detached.Cause.TOO_EXPENSIVE) {
      lastError = probe.name() + " was detached: " + why.reason();
    }
    MBeans beans = mbeans;
    if (beans != null) {
      beans.detached(probe.name(), why.reason());
    }
    bridge.changed();
  }

  @Override
  public void connected(ProbeHost host) {
    threadNews.add(host);
  }

  @Override
  public void disconnected(ProbeHost host) {
    threadNews.remove(host);
  }

  @Override
  public void lost(ProbeHost ended) {
    List<ManagedProbe<?>> ours = new ArrayList<>(all());
    ours.removeIf(probe -> probe.source() != ownBridge() || !probe.interruptedBy(ended));
    ours.forEach(probe -> notifyFailed(probe, "the bridge ended, another one is being started"));
    bridge.restartFor(ours);
  }

  @Override
  public void attachAgain(ManagedProbe<?> probe) {
    for (int attempt = 1; probe.current() instanceof State.Interrupted; attempt++) {
      ProbeOptions options = probe.optionsNow();
      if (options == null) {
        noteDetached(probe, ProbeHealth.Detached.TIME_IS_OVER);
        return;
      }
      try {
        ProbeHost host = ownBridge().host();
        int group = ProbeBatch.newGroup();
        Message.Attached answer = ask(host, probe.requested(), options, group);
        notifyRecovered(probe);
        runs(probe, host, answer, group);
        Instant started = host.start(group);
        if (probe.isPlaced()) {
          probe.started(started);
        }
        return;
      } catch (IOException e) {
        if (attempt >= MAX_RESTARTS_IN_A_ROW) {
          fail(probe, String.valueOf(e.getMessage()));
        }
      } catch (ProbeException e) {
        if (e.kind() != Failure.Kind.MACHINE || attempt >= MAX_RESTARTS_IN_A_ROW) {
          fail(probe, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  @Override
  public void fail(ManagedProbe<?> probe, String reason) {
    if (probe.failed(reason)) {
      notifyFailed(probe, reason);
    }
  }

  private void notifyRecovered(ManagedProbe<?> probe) {
    MBeans beans = mbeans;
    if (beans != null) {
      beans.recovered(probe.name());
    }
  }

  private void notifyFailed(ManagedProbe<?> probe, String reason) {
    lastError = reason;
    MBeans beans = mbeans;
    if (beans != null) {
      beans.failed(probe.name(), reason);
    }
  }

  private List<Entry> entries() {
    synchronized (probes) {
      return new ArrayList<>(probes.values());
    }
  }

  /** Returns all probes in the order in which they were added. */
  List<ManagedProbe<?>> all() {
    List<ManagedProbe<?>> all = new ArrayList<>();
    entries().forEach(entry -> all.add(entry.probe()));
    return all;
  }

  /** Describes the state of the bridge in one line for people. */
  String bridgeState() {
    boolean hosted = all().stream().anyMatch(probe -> probe.source() != ownBridge());
    return bridge.state() + (hosted ? "; a command line is the bridge of its own probes" : "");
  }

  /** Returns the last error; null if there was none. */
  @Nullable String lastError() {
    return lastError;
  }

  /**
   * Does everything but attach a probe.
   *
   * @return the findings, in a few lines
   */
  String check(Form form, String specifier, ProbeOptions options, HostSource source)
      throws ProbeException {
    return bridge.ask(source, host -> host.check(new Message.Check(form, specifier, options)));
  }

  /**
   * @throws IllegalArgumentException if there is no such probe; the message has the names of all
   *     probes
   */
  void require(String name) {
    List<String> names = all().stream().map(ManagedProbe::name).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "there is no probe \""
              + name
              + "\"; "
              + (names.isEmpty() ? "there are none" : "there are: " + String.join(", ", names)));
    }
  }

  /** Detaches and forgets a probe, which must exist as for {@link #require}. */
  void remove(String name) {
    require(name);
    detach(name);
  }
}
