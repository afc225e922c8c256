/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A probe and what was shown of it last. For one thread. */
final class Shown {
  private final Message.Attached probe;
  private final String specifier;
  private final Message.Read.What what;
  private ProbeHealth health;
  private @Nullable Snapshot<?> last;

  /**
   * @param marked whether its snapshots are of the instant of the last mark
   */
  Shown(Message.Attached probe, String specifier, boolean marked) {
    this.probe = probe;
    this.specifier = specifier;
    this.what = marked ? Message.Read.What.MARKED : Message.Read.What.NOW;
    this.health = ProbeHealth.UNKNOWN.with(probe.libraries());
  }

  int number() {
    return probe.probe();
  }

  String specifier() {
    return specifier;
  }

  /** Returns null as long as it counts, as far as the last snapshot told. */
  ProbeHealth.@Nullable Detached detached() {
    return health.detached();
  }

  /** Returns what is known of its libraries, as far as the last snapshot told. */
  LibraryState libraries() {
    return health.libraries();
  }

  /** Returns why it is attached at random moments only; null if it is attached all the time. */
  @Nullable String paced() {
    return health.paced();
  }

  /**
   * Asks for its numbers.
   *
   * @param cumulative whether everything is to be shown; else what happened since the last
   *     snapshot, of which the first has everything, too
   * @param state see {@link ShownSnapshot}
   */
  ShownSnapshot read(ProbeHost host, boolean cumulative, @Nullable String state)
      throws IOException, ProbeException {
    Message.Counts answer = (Message.Counts) host.read(probe.probe(), what);
    Snapshot<?> now = answer.snapshot();
    Snapshot<?> before = last;
    last = now;
    health = answer.health();
    Snapshot<?> part = cumulative || before == null ? now : Snapshot.since(before, now);
    return new ShownSnapshot(probe, specifier, part, health, openByKey(host), state);
  }

  private FrequencySnapshot openByKey(ProbeHost host) throws IOException, ProbeException {
    Long open = health.open();
    return open == null || open == 0 || probe.columns().isEmpty()
        ? FrequencySnapshot.EMPTY
        : ((Message.Frequency) host.read(probe.probe(), Message.Read.What.OPEN)).snapshot();
  }
}
