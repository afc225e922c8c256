/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;

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

  /** An event in the life of a probe. */
  sealed interface Event {
    /** A host counts for it now, under this number. */
    record Attached(ProbeHost host, int number) implements Event {}

    /** A host has ended. */
    record Lost(ProbeHost host) implements Event {}

    /** It cannot be attached. */
    record Refused(String reason) implements Event {}

    /** Its host has detached it, or it must not be attached again. */
    record Detached(ProbeHealth.Detached why) implements Event {}

    /** A user has removed it. */
    record Removed() implements Event {}
  }

  /** Nothing counts for it yet. */
  record Waiting() implements State {
    @Override
    public String text() {
      return "waiting: it is not attached yet";
    }
  }

  /** A host counts for it. */
  record Running(ProbeHost host, int number) implements State {
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
    } else if (this instanceof Running running) {
      return event instanceof Event.Lost lost && lost.host() == running.host()
          ? new Interrupted()
          : this;
    } else if (event instanceof Event.Attached attached) {
      return new Running(attached.host(), attached.number());
    } else if (event instanceof Event.Refused refused) {
      return new Failed(refused.reason());
    }
    return this;
  }
}
