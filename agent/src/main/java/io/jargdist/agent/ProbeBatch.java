/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Probes that were asked for together: all of them begin to count at the same instant, after the
 * last one is attached. A probe that another bridge has to attach again begins by itself.
 *
 * <p>For one thread.
 */
final class ProbeBatch {
  private static final AtomicInteger GROUPS = new AtomicInteger();

  private final ProbeRegistry registry;
  private final HostSource source;
  private final int group = newGroup();
  private final List<ManagedProbe<?>> probes = new ArrayList<>();

  /**
   * @param source of the host that is to count for them
   */
  ProbeBatch(ProbeRegistry registry, HostSource source) {
    this.registry = registry;
    this.source = source;
  }

  /** Returns a number that no other group of this JVM has. */
  static int newGroup() {
    return GROUPS.incrementAndGet();
  }

  /** Has the host prepare for probes that will be attached, if there are several. */
  void expect(List<Requested> requested, ProbeOptions options) {
    if (requested.size() > 1) {
      registry.expect(requested, options, source, group);
    }
  }

  /** Has the host prepare for one of several probes that will be attached. */
  void expect(Requested requested, ProbeOptions options) {
    registry.expect(List.of(requested), options, source, group);
  }

  /**
   * Attaches a probe and publishes it. It counts nothing yet.
   *
   * @throws ProbeException if it cannot be attached; then there is no such probe
   */
  ManagedProbe<?> attach(Requested requested, ProbeOptions options) throws ProbeException {
    ManagedProbe<?> probe = registry.attach(requested, options, source, group);
    probes.add(probe);
    return probe;
  }

  /**
   * Lets those that are attached count.
   *
   * @return since when they do
   * @throws ProbeException if a host does not answer; its probes are still there
   */
  Instant start() throws ProbeException {
    Instant started = Instant.now();
    for (Map.Entry<ProbeHost, List<ManagedProbe<?>>> entry : byHost().entrySet()) {
      try {
        started = entry.getKey().start(group);
      } catch (IOException e) {
        if (!entry.getKey().isClosed()) {
          throw new ProbeException(
              Failure.Kind.MACHINE,
              "the bridge did not start the probes: " + IoFailure.sentence(e));
        }
        // The next bridge attaches and starts them.
        continue;
      }
      for (ManagedProbe<?> probe : entry.getValue()) {
        // One that waits for its library tells later when it has begun.
        if (probe.isPlaced()) {
          probe.started(started);
        }
      }
    }
    return started;
  }

  /** Marks what they have counted up to now: {@link ManagedProbe#readMarked}. */
  void mark() throws ProbeException, IOException {
    for (ProbeHost host : byHost().keySet()) {
      try {
        host.mark(group);
      } catch (IOException e) {
        if (!host.isClosed()) {
          throw e;
        }
        // Its probes have the numbers of their last snapshot.
      }
    }
  }

  private Map<ProbeHost, List<ManagedProbe<?>>> byHost() {
    Map<ProbeHost, List<ManagedProbe<?>>> hosts = new LinkedHashMap<>();
    for (ManagedProbe<?> probe : probes) {
      // A probe that another host has attached again is in another group there.
      State.Place place = probe.current().place();
      if (place != null && probe.group() == group) {
        hosts.computeIfAbsent(place.host(), host -> new ArrayList<>()).add(probe);
      }
    }
    return hosts;
  }
}
