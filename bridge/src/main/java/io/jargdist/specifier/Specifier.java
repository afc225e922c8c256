/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parsed specifier. Immutable, and true of any machine: names are not looked up.
 *
 * @param text the whole text as written, label included
 * @param form what its values are collected into
 * @param from the first event of a pair; null if the specifier is of one kind of event only
 * @param event whose values are taken; of a pair, the second event
 * @param values for a histogram or a sum its value, then its keys; for a frequency its keys; empty
 *     means the default: of a pair the time between its events, or just the number of pairs; else
 *     argdist's (the return value of an {@code r} probe, or just the number of calls)
 * @param filter counts an event only if it is not zero
 * @param label what follows {@code #}
 */
public record Specifier(
    String text,
    Form form,
    @Nullable Event from,
    Event event,
    List<TypedExpression> values,
    @Nullable Expression filter,
    @Nullable String label) {
  public Specifier {
    values = List.copyOf(values);
  }

  /** Returns the source of the events whose values are taken. */
  public ProbePoint point() {
    return event.point();
  }

  /** Returns the parameters of the event whose values are taken. */
  public List<Parameter> parameters() {
    return event.parameters();
  }

  /** Returns whether it is of pairs of events. */
  public boolean isPair() {
    return from != null;
  }

  /**
   * Returns whether an event counts in whichever thread or interrupt it happens, since it ends a
   * pair that is found by values.
   *
   * @param number of the event in {@link #events}
   */
  public boolean countsAnywhere(int number) {
    return number == 1 && !event.on().isEmpty();
  }

  /** Returns the events, the first one of a pair first. */
  public List<Event> events() {
    return from == null ? List.of(event) : List.of(from, event);
  }
}
