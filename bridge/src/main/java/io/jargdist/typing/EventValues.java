/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/** What a program sees of its event. {@link EventTyper} makes it. */
public final class EventValues {
  private final EventTyper event;
  private final ProbeValues values;

  EventValues(EventTyper event, ProbeValues values) {
    this.event = event;
    this.values = values;
  }

  EventTyper event() {
    return event;
  }

  ProbeValues values() {
    return values;
  }
}
