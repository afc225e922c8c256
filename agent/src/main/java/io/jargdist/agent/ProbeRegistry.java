/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.bridge.protocol.Client;
import io.jargdist.bridge.protocol.Message;
import io.jargdist.bridge.protocol.Message.Failure;
import io.jargdist.bridge.protocol.ProbeException;
import io.jargdist.bridge.protocol.ProbeHealth;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.jmx.MBeans;
import io.jargdist.jmx.Probe;
import io.jargdist.jmx.ProbeNames;
import io.jargdist.jmx.jfr.ProbeEvents;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All probes of this JVM, and the bridge that runs them. Probes that were asked for stay asked for
 * when a bridge ends: the next one attaches them again. Thread-safe.
 */
final class ProbeRegistry {
  /** Longer than the bridge allows its compiler. */
  private static final Duration ATTACH_TIMEOUT = Duration.ofSeconds(190);

  private static final Duration BRIDGE_IDLE = Duration.ofSeconds(10);
  private static final int MAX_RESTARTS_IN_A_ROW = 3;

  private final BridgeLink bridge = new BridgeLink(this::ownBridgeSays, this::bridgeLost);
  private final Map<String, ManagedProbe<?>> probes = new LinkedHashMap<>();
  private @Nullable MBeans mbeans;
  private final Object eventsLock = new Object();
  private volatile @Nullable ProbeEvents events;
  private long uses;
  private volatile @Nullable String lastError;
  private volatile boolean systemScopeAllowed;

  /** The bridge of this JVM itself. */
  BridgeSource ownBridge() {
    return bridge;
  }

  /** From now on every probe, also one that is already there, has an MBean. */
  void publishOn(MBeans beans) {
    synchronized (probes) {
      mbeans = beans;
      probes.values().forEach(probe -> beans.publish(probe.published()));
    }
  }

  /**
   * From the first probe on, probes are in recordings of Flight Recorder, of which most JVMs have
   * none: who has no probe does not pay for its classes.
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

  /** From now on probes may count other processes, too. */
  void allowSystemScope() {
    systemScopeAllowed = true;
  }

  private void checkScope(ProbeOptions options) throws ProbeException {
    if (options.systemWide() && !systemScopeAllowed) {
      throw new ProbeException(
          Failure.Kind.MACHINE,
          "this agent may not count other processes (--scope system): start the JVM with"
              + " -javaagent:jargdist.jar=\"--allow system-scope\"");
    }
  }

  /**
   * Attaches a probe and publishes it.
   *
   * @param source of the bridge that is to run it
   * @throws ProbeException if it cannot be attached; then there is no such probe
   */
  ManagedProbe<?> attach(Requested requested, ProbeOptions options, BridgeSource source)
      throws ProbeException {
    used();
    startEvents();
    try {
      checkScope(options);
      Client client = client(source);
      Message.Attached answer = ask(client, requested, options);
      ManagedProbe<?> probe = register(requested, options, source, answer);
      probe.attachedBy(client, answer);
      publish(probe);
      noticeLoss(client);
      return probe;
    } catch (ProbeException e) {
      lastError = e.getMessage();
      MBeans beans = mbeans;
      if (beans != null) {
        beans.rejected(requested.specifier(), String.valueOf(e.getMessage()));
      }
      throw e;
    } finally {
      closeWhenIdle();
    }
  }

  /** As {@link #attach}, but what cannot be attached is published, too, with the reason. */
  void attachOrShow(Requested requested, ProbeOptions options) {
    try {
      attach(requested, options, bridge);
    } catch (ProbeException e) {
      String reason = String.valueOf(e.getMessage());
      Stderr.print(reason);
      Message.Attached nothing =
          new Message.Attached(0, "", requested.specifier(), List.of(), null, List.of());
      ManagedProbe<?> probe = register(requested, options, bridge, nothing);
      probe.failed(reason);
      publish(probe);
    }
  }

  private ManagedProbe<?> register(
      Requested requested, ProbeOptions options, BridgeSource source, Message.Attached answer) {
    synchronized (probes) {
      String text = requested.specifier();
      String name = ProbeNames.choose(label(text), text, probes.keySet());
      ManagedProbe<?> probe =
          ManagedProbe.of(new ManagedProbe.Wish(name, requested, options, source), answer);
      probes.put(name, probe);
      return probe;
    }
  }

  /** What follows the first {@code #} outside a literal, also of a specifier that is wrong. */
  private static @Nullable String label(String specifier) {
    boolean quoted = false;
    for (int i = 0; i < specifier.length(); i++) {
      char c = specifier.charAt(i);
      quoted ^= c == '"';
      if (c == '#' && !quoted) {
        return specifier.substring(i + 1);
      }
    }
    return null;
  }

  private void publish(ManagedProbe<?> probe) {
    synchronized (probes) {
      if (mbeans != null) {
        mbeans.publish(probe.published());
      }
    }
  }

  private static Client client(BridgeSource source) throws ProbeException {
    try {
      return source.client();
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, String.valueOf(e.getMessage()));
    }
  }

  private static Message.Attached ask(Client client, Requested requested, ProbeOptions options)
      throws ProbeException {
    try {
      return client.call(
          new Message.Attach(requested.form(), requested.specifier(), options),
          Message.Attached.class,
          ATTACH_TIMEOUT);
    } catch (IOException e) {
      throw new ProbeException(
          Failure.Kind.MACHINE, "the bridge did not attach the probe: " + e.getMessage());
    }
  }

  /** Detaches and forgets a probe; answers whether there was one. */
  boolean detach(String name) {
    ManagedProbe<?> probe;
    synchronized (probes) {
      probe = probes.get(name);
    }
    ProbeEvents recorded = events;
    if (probe != null && recorded != null) {
      recorded.beforeRemoval(probe.published());
    }
    synchronized (probes) {
      probe = probes.remove(name);
      if (probe != null && mbeans != null) {
        mbeans.withdraw(name);
      }
    }
    if (probe != null) {
      probe.detach();
      closeWhenIdle();
    }
    return probe != null;
  }

  /** Detaches and forgets all probes, and ends the bridge; answers the names that they had. */
  List<String> detachAll() {
    List<String> names = all().stream().map(ManagedProbe::name).filter(this::detach).toList();
    bridge.close();
    return names;
  }

  private void used() {
    synchronized (probes) {
      uses++;
    }
  }

  /** A bridge lives as long as its probes, and a little longer: another one may come. */
  private void closeWhenIdle() {
    long usesBefore;
    synchronized (probes) {
      if (probes.values().stream()
          .anyMatch(probe -> probe.bridge() == bridge && !probe.isEnded())) {
        return;
      }
      usesBefore = ++uses;
    }
    Thread idle = new Thread(() -> closeUnlessUsed(usesBefore), "jargdist-idle");
    idle.setDaemon(true);
    idle.start();
  }

  private void closeUnlessUsed(long usesBefore) {
    try {
      TimeUnit.NANOSECONDS.sleep(BRIDGE_IDLE.toNanos());
    } catch (InterruptedException e) {
      return;
    }
    synchronized (probes) {
      if (uses == usesBefore) {
        bridge.close();
      }
    }
  }

  private void ownBridgeSays(Message news) {
    told(bridge, news);
  }

  /** A bridge says something unasked, on the thread that would receive its answers. */
  void told(BridgeSource source, Message news) {
    if (news instanceof Message.Ended ended) {
      Thread thread = new Thread(() -> ended(source, ended), "jargdist-ended");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void ended(BridgeSource source, Message.Ended news) {
    for (ManagedProbe<?> probe : all()) {
      if (probe.isOf(source, news.probe())) {
        ended(probe, news.why());
      }
    }
  }

  private void ended(ManagedProbe<?> probe, ProbeHealth.Detached why) {
    if (!probe.ended(why)) {
      return;
    }
    if (why.tooExpensive()) {
      lastError = probe.name() + " was detached: " + why.reason();
    }
    MBeans beans = mbeans;
    if (beans != null) {
      beans.detached(probe.name(), why.reason());
    }
    closeWhenIdle();
  }

  private void bridgeLost(Client ended) {
    List<ManagedProbe<?>> interrupted = new ArrayList<>(all());
    interrupted.removeIf(probe -> probe.bridge() != bridge || !probe.interruptedBy(ended));
    if (interrupted.isEmpty()) {
      return;
    }
    interrupted.forEach(
        probe -> notifyFailed(probe, "the bridge ended, another one is being started"));
    Thread restart = new Thread(() -> restart(interrupted), "jargdist-restart");
    restart.setDaemon(true);
    restart.start();
  }

  /** If the bridge has ended before its probe was known to be attached. */
  private void noticeLoss(Client client) {
    if (client.isClosed()) {
      bridgeLost(client);
    }
  }

  /** One probe after the other, so that one that ends the bridge is found and left out. */
  private void restart(List<ManagedProbe<?>> interrupted) {
    for (ManagedProbe<?> probe : interrupted) {
      for (int attempt = 1; ; attempt++) {
        try {
          ProbeOptions options = probe.optionsNow();
          if (options == null) {
            ended(probe, ProbeHealth.Detached.TIME_IS_OVER);
            break;
          }
          Client client = client(bridge);
          probe.attachedBy(client, ask(client, probe.requested(), options));
          notifyRecovered(probe);
          noticeLoss(client);
          break;
        } catch (ProbeException e) {
          if (e.kind() == Failure.Kind.MACHINE && attempt < MAX_RESTARTS_IN_A_ROW) {
            continue;
          }
          probe.failed(String.valueOf(e.getMessage()));
          notifyFailed(probe, String.valueOf(e.getMessage()));
          break;
        }
      }
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

  /** In the order in which they were added. */
  List<ManagedProbe<?>> all() {
    synchronized (probes) {
      return new ArrayList<>(probes.values());
    }
  }

  /** How the bridge is, in one line for people. */
  String bridgeState() {
    boolean hosted = all().stream().anyMatch(probe -> probe.bridge() != bridge);
    return bridge.state() + (hosted ? "; a command line is the bridge of its own probes" : "");
  }

  /** What last went wrong; null if nothing ever did. */
  @Nullable String lastError() {
    return lastError;
  }

  /**
   * Does everything but attach.
   *
   * @return in a few lines what it found
   */
  String check(Form form, String specifier, ProbeOptions options, BridgeSource source)
      throws ProbeException {
    try {
      used();
      return client(source)
          .call(new Message.Check(form, specifier, options), Message.Text.class, ATTACH_TIMEOUT)
          .text();
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, String.valueOf(e.getMessage()));
    } finally {
      closeWhenIdle();
    }
  }

  /**
   * @throws IllegalArgumentException if there is no such probe; the message has those that are
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

  /** As {@link #require}, and detaches and forgets it. */
  void remove(String name) {
    require(name);
    detach(name);
  }
}
