/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.OwnThreads;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHost;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the hosts which threads of this JVM are ours, so that their events are left out. The worker
 * thread tells them, since the hosts know it already. The events of a new thread would count while
 * it tells the hosts about itself. Thread-safe.
 */
final class ThreadNews implements OwnThreads.Follower {
  /** This is far longer than a thread needs to end when it has done its work. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final AgentThreads threads;
  private final Set<ProbeHost> hosts = ConcurrentHashMap.newKeySet();

  ThreadNews(AgentThreads threads) {
    this.threads = threads;
  }

  /**
   * Tells a host about the threads from now on. Waits until the host knows them, but not for long.
   */
  void add(ProbeHost host) {
    hosts.add(host);
    threads.keepWorker(true);
    threads.await(() -> tell(host));
  }

  /** Forgets a host that has ended. */
  void remove(ProbeHost host) {
    hosts.remove(host);
    threads.keepWorker(!hosts.isEmpty());
  }

  /** Waits like {@link #add}. */
  @Override
  public void begins() {
    if (!hosts.isEmpty()) {
      threads.await(this::tellAll);
    }
  }

  @Override
  public void ends(int number) {
    if (hosts.isEmpty()) {
      OwnThreads.forget(number);
      return;
    }
    threads.later(
        FAREWELL,
        () -> {
          OwnThreads.forget(number);
          tellAll();
        });
  }

  private void tellAll() {
    hosts.forEach(ThreadNews::tell);
  }

  private static void tell(ProbeHost host) {
    try {
      host.ownThreads(OwnThreads.all());
    } catch (IOException | ProbeException e) {
      // The host is gone, or counts the events of our threads, too.
    }
  }
}
