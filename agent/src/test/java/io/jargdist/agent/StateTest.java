/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.wire.ProbeHealth.Detached;
import io.jargdist.wire.ProbeHost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;

/** All states, all events, and where each leads. */
class StateTest {
  private static final ProbeHost HOST = new FakeHost();
  private static final ProbeHost OTHER = new FakeHost();
  private static final State.Place HERE = new State.Place(HOST, 1);
  private static final State.Place THERE = new State.Place(OTHER, 2);

  private static final Map<String, State> STATES =
      Map.of(
          "new", State.Waiting.TO_BE_ATTACHED,
          "waiting", new State.Waiting(HERE, "libfoo.so is not mapped"),
          "running", new State.Running(HERE),
          "interrupted", new State.Interrupted(),
          "failed", new State.Failed("no function raed\nhint: read"),
          "detached", new State.Detached(Detached.TIME_IS_OVER),
          "removed", new State.Removed());

  private static final List<State.Event> EVENTS =
      List.of(
          new State.Event.Attached(THERE, null),
          new State.Event.Attached(THERE, "libbar.so is not mapped"),
          new State.Event.Mapped(HERE, null),
          new State.Event.Mapped(HERE, "libfoo.so is not mapped"),
          new State.Event.Mapped(THERE, "libfoo.so is not mapped"),
          new State.Event.Lost(HOST),
          new State.Event.Lost(OTHER),
          new State.Event.Refused("another reason"),
          new State.Event.Detached(new Detached("it costs too much", Detached.Cause.TOO_EXPENSIVE)),
          new State.Event.Removed());

  private static State state(String name) {
    return Objects.requireNonNull(STATES.get(name));
  }

  private static String word(State state) {
    return state.text().split(":")[0];
  }

  @ParameterizedTest
  @CsvSource({
    // from     | attached | awaited | mapped | unmapped | elsewhere | lost | other lost | refused
    //          | ended    | removed
    "new,         running,   waiting,  =,       =,         =,          =,           =, failed,"
        + "       detached,  removed",
    "waiting,     =,         =,        running, =,         =,          interrupted, =, failed,"
        + "       detached,  removed",
    "running,     =,         =,        =,       waiting,   =,          interrupted, =, =,"
        + "       detached,  removed",
    "interrupted, running,   waiting,  =,       =,         =,          =,           =, failed,"
        + "       detached,  removed",
    "failed,      =,         =,        =,       =,         =,          =,           =, =,"
        + "       =,         removed",
    "detached,    =,         =,        =,       =,         =,          =,           =, =,"
        + "       =,         removed",
    "removed,     =,         =,        =,       =,         =,          =,           =, =,"
        + "       =,         =",
  })
  void eachEventLeadsWhereTheTableSays(ArgumentsAccessor row) {
    String from = row.getString(0);
    List<String> expected = new ArrayList<>();
    for (int i = 1; i < row.size(); i++) {
      expected.add(row.getString(i));
    }
    assertThat(expected).hasSameSizeAs(EVENTS);
    State state = state(from);
    for (int i = 0; i < EVENTS.size(); i++) {
      State next = state.next(EVENTS.get(i));
      if (expected.get(i).equals("=")) {
        assertThat(next).as("%s, %s", from, EVENTS.get(i)).isSameAs(state);
      } else {
        assertThat(word(next)).as("%s, %s", from, EVENTS.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void theTableHasAllStatesAndEvents() {
    assertThat(STATES.values().stream().map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(concrete(State.class));
    assertThat(EVENTS.stream().map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(concrete(State.Event.class));
  }

  private static Class<?>[] concrete(Class<?> type) {
    return Arrays.stream(type.getPermittedSubclasses()).toArray(Class<?>[]::new);
  }

  @Test
  void theFirstWordNamesTheState() {
    STATES.forEach(
        (name, state) -> assertThat(word(state)).isEqualTo(name.equals("new") ? "waiting" : name));
    assertThat(state("waiting").text()).isEqualTo("waiting: libfoo.so is not mapped");
    assertThat(state("failed").text()).isEqualTo("failed: no function raed");
  }
}
