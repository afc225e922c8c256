/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import org.jspecify.annotations.Nullable;

/**
 * A stage in the life of a probe. Immutable. {@link #next} is the only way from one state to
 * another.
 */
sealed interface State {
  /**
   * Returns a text for people, whose first word names the state: {@code "failed: no function
   * raed"}.
   */
  String text();

  /** Returns where it can be read; null if it is nowhere. */
  default @Nullable Place place() {
    return null;
  }

  /** A host that has the probe, under this number. */
  record Place(ProbeHost host, int number) {}

  /** An event in the life of a probe. */
  sealed interface Event {
    /**
     * A host has attached it.
     *
     * @param awaited the library that is not mapped, for people; null if it counts
     */
    record Attached(Place place, @Nullable String awaited) implements Event {}

    /** What a host waits for has changed. */
    record Mapped(Place place, @Nullable String awaited) implements Event {}

    /** A host has ended. */
    record Lost(ProbeHost host) implements Event {}

    /** It cannot be attached. */
    record Refused(String reason) implements Event {}

    /** Its host has detached it, or it must not be attached again. */
    record Detached(ProbeHealth.Detached why) implements Event {}

    /** A user has removed it. */
    record Removed() implements Event {}
  }

  /**
   * It counts nothing until something happens.
   *
   * @param place null if it is not attached anywhere
   * @param awaited what is missing, for people
   */
  record Waiting(@Nullable Place place, String awaited) implements State {
    /** A probe that no host has been asked for. */
    static final Waiting TO_BE_ATTACHED = new Waiting(null, "it is not attached yet");

    @Override
    public String text() {
      return "waiting: " + awaited;
    }
  }

  /** A host counts for it. */
  record Running(Place place) implements State {
    @Override
    public String text() {
      return "running";
    }
  }

  /** Its host has ended, and another one is being started. */
  record Interrupted() implements State {
    @Override
    public String text() {
      return "interrupted: the bridge ended, another one is being started";
    }
  }

  /**
   * It could not be attached and will not be.
   *
   * @param reason may have several lines
   */
  record Failed(String reason) implements State {
    @Override
    public String text() {
      return "failed: " + reason.lines().findFirst().orElse("");
    }
  }

  /** It was detached because of its cost or its time. Its numbers stay. */
  record Detached(ProbeHealth.Detached why) implements State {
    @Override
    public String text() {
      return "detached: " + why.reason();
    }
  }

  /** It was removed. This is the last state. */
  record Removed() implements State {
    @Override
    public String text() {
      return "removed";
    }
  }

  /**
   * @return the state after an event; this same object if the event changes nothing
   */
  default State next(Event event) {
    if (this instanceof Removed) {
      return this;
    } else if (event instanceof Event.Removed) {
      return new Removed();
    } else if (this instanceof Failed || this instanceof Detached) {
      return this;
    } else if (event instanceof Event.Detached detached) {
      return new Detached(detached.why());
    } else if (event instanceof Event.Refused refused) {
      return this instanceof Running ? this : new Failed(refused.reason());
    }
    Place place = place();
    if (place == null) {
      return event instanceof Event.Attached attached
          ? at(attached.place(), attached.awaited())
          : this;
    } else if (event instanceof Event.Lost lost && lost.host() == place.host()) {
      return new Interrupted();
    } else if (event instanceof Event.Mapped mapped && mapped.place().equals(place)) {
      State next = at(place, mapped.awaited());
      return next.equals(this) ? this : next;
    }
    return this;
  }

  private static State at(Place place, @Nullable String awaited) {
    return awaited == null ? new Running(place) : new Waiting(place, awaited);
  }
}
