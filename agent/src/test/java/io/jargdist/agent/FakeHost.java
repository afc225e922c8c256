/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A host without a kernel: each probe that it has counts the same number of events. */
class FakeHost implements ProbeHost {
  final Set<Integer> attached = ConcurrentHashMap.newKeySet();
  private final AtomicInteger numbers = new AtomicInteger();
  volatile long count;
  volatile ProbeHealth.@Nullable Detached detached;
  volatile boolean closed;

  @Override
  public Message.Attached attach(Message.Attach request) throws IOException, ProbeException {
    if (request.specifier().contains("wrong")) {
      throw new ProbeException(Message.Failure.Kind.SPECIFIER, "wrong");
    }
    int number = numbers.incrementAndGet();
    attached.add(number);
    String specifier = request.specifier();
    int label = specifier.indexOf('#') + 1;
    return new Message.Attached(
        number,
        "",
        specifier.substring(label),
        label > 0,
        "",
        List.of(),
        null,
        List.of("somewhere"),
        List.of(),
        LibraryState.MAPPED);
  }

  @Override
  public String check(Message.Check request) throws IOException, ProbeException {
    return "ok";
  }

  @Override
  public Instant start(int group) throws IOException, ProbeException {
    return Instant.now();
  }

  @Override
  public void mark(int group) throws IOException, ProbeException {
    // A read returns the marked counts.
  }

  @Override
  public void ownThreads(Set<Integer> numbers) throws IOException, ProbeException {
    // This host counts no events of threads.
  }

  @Override
  public Message read(int probe, Message.Read.What what) throws IOException, ProbeException {
    if (closed) {
      throw new IOException("the connection was closed");
    }
    ProbeHealth health = new ProbeHealth(1, 1, null, detached, null, LibraryState.MAPPED);
    return new Message.Frequency(
        new FrequencySnapshot(Map.of(List.of(), count), Losses.NONE, Sampling.NONE), health);
  }

  @Override
  public void detach(int probe) {
    attached.remove(probe);
  }

  @Override
  public boolean isClosed() {
    return closed;
  }
}
