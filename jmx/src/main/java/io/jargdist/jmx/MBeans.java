/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.Notification;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Our MBeans on one server: {@code jargdist:type=Agent}, and one for each published probe. Owns
 * their registration until it is closed.
 *
 * <p>Nothing is thrown for what a listener of the application or the server does wrong while an
 * MBean is removed or a notification sent; notifications are sent on {@linkplain Deliveries a
 * thread of their own}. Safe for use by several threads; no lock is held while the server or a
 * listener runs.
 */
public final class MBeans implements AutoCloseable {
  static final String ADDED = "jargdist.probe.added";
  static final String REMOVED = "jargdist.probe.removed";
  static final String REJECTED = "jargdist.probe.rejected";
  static final String FAILED = "jargdist.probe.failed";
  static final String RESET = "jargdist.probe.reset";
  static final String RECOVERED = "jargdist.probe.recovered";
  static final String DETACHED = "jargdist.probe.detached";
  static final String MAPPED = "jargdist.probe.mapped";

  private record Published(ObjectName name, String specifier) {}

  private final MBeanServer server;
  private final ProbeControl control;
  private final LongSupplier nanoTime;
  private final Changes changes;
  private final AgentBean agent;
  private final ObjectName agentName;
  private final AtomicLong notifications = new AtomicLong();
  private final Map<String, Published> published = new LinkedHashMap<>();

  /**
   * Registers the Agent MBean.
   *
   * @throws IllegalStateException if that cannot be done; the message says why
   */
  public MBeans(MBeanServer server, ProbeControl control) {
    this(server, control, System::nanoTime);
  }

  /**
   * @param nanoTime counts like {@link System#nanoTime}
   */
  MBeans(MBeanServer server, ProbeControl control, LongSupplier nanoTime) {
    this.server = server;
    this.control = control;
    this.nanoTime = nanoTime;
    this.changes = new Changes(control::control, this::rejected);
    this.agent = new AgentBean(control, this);
    this.agentName = objectName("jargdist:type=Agent");
    register(agent, agentName);
  }

  /**
   * Makes a probe visible; nothing happens if it is.
   *
   * @throws IllegalStateException if that cannot be done; the message says why
   */
  public ObjectName publish(Probe probe) {
    ObjectName known = nameOf(probe.name());
    if (known != null) {
      return known;
    }
    ObjectName name = objectName(ProbeNames.ofMBean(probe.form(), probe.name()));
    register(
        switch (probe.form()) {
          case HISTOGRAM -> new HistogramBean((HistogramProbe) probe, control, this, nanoTime);
          case FREQUENCY -> new FrequencyBean((FrequencyProbe) probe, control, this, nanoTime);
          case SUM -> new SumBean((SumProbe) probe, control, this, nanoTime);
        },
        name);
    synchronized (published) {
      published.put(probe.name(), new Published(name, probe.specifier()));
    }
    sendChange(ADDED, probe.name() + " counts " + probe.specifier(), probe.name());
    return name;
  }

  /** Makes a probe invisible; nothing happens if it is. */
  public void withdraw(String name) {
    Published probe;
    synchronized (published) {
      probe = published.remove(name);
    }
    if (probe != null) {
      unregister(probe.name());
      sendChange(REMOVED, name + " was removed", name);
    }
  }

  /** Tells listeners that a probe could not be started, or that a change was refused. */
  public void rejected(String specifier, String reason) {
    sendChange(REJECTED, reason, LogText.of(specifier));
  }

  /** Tells listeners that a probe's MBean counts from zero. */
  void wasReset(String name) {
    sendChange(RESET, name + " was reset", name);
  }

  /** Tells listeners that a probe stopped counting. */
  public void failed(String name, String reason) {
    send(FAILED, name + ": " + reason, name);
  }

  /** Tells listeners that a probe was detached, because of its cost or its time. */
  public void detached(String name, String reason) {
    send(DETACHED, name + ": " + reason, name);
  }

  /** Tells listeners that a probe is attached to a library which was mapped later. */
  public void mapped(String name, String what) {
    send(MAPPED, name + ": " + what, name);
  }

  /** Tells listeners that a probe which had failed counts again. */
  public void recovered(String name) {
    send(RECOVERED, name + " counts again", name);
  }

  /** Removes all our MBeans. */
  @Override
  public void close() {
    List<String> names;
    synchronized (published) {
      names = List.copyOf(published.keySet());
    }
    for (String name : names) {
      withdraw(name);
    }
    unregister(agentName);
  }

  Changes changes() {
    return changes;
  }

  /** Returns the names of the probes, in the order in which they were published. */
  ObjectName[] names() {
    List<ObjectName> names = new ArrayList<>();
    for (Published probe : probes()) {
      names.add(probe.name());
    }
    return names.toArray(new ObjectName[0]);
  }

  /** Returns the specifiers of the probes, in the order of {@link #names}. */
  String[] specifiers() {
    List<String> specifiers = new ArrayList<>();
    for (Published probe : probes()) {
      specifiers.add(probe.specifier());
    }
    return specifiers.toArray(new String[0]);
  }

  /** Returns null if no probe of that name is published. */
  @Nullable ObjectName nameOf(String name) {
    synchronized (published) {
      Published probe = published.get(name);
      return probe == null ? null : probe.name();
    }
  }

  private List<Published> probes() {
    synchronized (published) {
      return List.copyOf(published.values());
    }
  }

  /** Sends the notification of a change, whose message begins with the caller. */
  private void sendChange(String type, String message, String userData) {
    send(type, changes.who() + ": " + message, userData);
  }

  private void send(String type, String message, String userData) {
    Notification notification =
        new Notification(type, agentName, notifications.incrementAndGet(), message);
    notification.setUserData(userData);
    agent.sendNotification(notification);
  }

  private void register(Bean bean, ObjectName name) {
    try {
      server.registerMBean(bean, name);
    } catch (InstanceAlreadyExistsException e) {
      throw new IllegalStateException(
          name + " is already registered: is there a second jargdist in this JVM?", e);
    } catch (JMException | RuntimeException e) {
      throw new IllegalStateException(name + " cannot be registered: " + e, e);
    }
  }

  private void unregister(ObjectName name) {
    try {
      server.unregisterMBean(name);
    } catch (JMException | RuntimeException e) {
      // It is gone already, or a listener of the application failed: not ours to report.
    }
  }

  private static ObjectName objectName(String text) {
    try {
      return new ObjectName(text);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException("\"" + text + "\" cannot be the name of an MBean", e);
    }
  }
}
