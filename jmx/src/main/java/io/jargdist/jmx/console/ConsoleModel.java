/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** The tab's knowledge of a JVM: the latest snapshot and each probe's history. For one thread. */
final class ConsoleModel {
  private @Nullable JvmSnapshot latest;
  private Map<ObjectName, ProbeHistory> histories = new LinkedHashMap<>();

  /**
   * Takes a snapshot in. One that is older than the latest is left out; one of another JVM begins
   * anew.
   */
  void apply(JvmSnapshot answer) {
    JvmSnapshot before = latest;
    boolean sameJvm = before != null && before.server().equals(answer.server());
    if (before != null && sameJvm && answer.nanos() - before.nanos() < 0) {
      return;
    }
    Map<ObjectName, ProbeHistory> next = new LinkedHashMap<>();
    for (ProbeSnapshot probe : answer.probes()) {
      ProbeHistory history = sameJvm ? histories.get(probe.facts().bean()) : null;
      if (history != null && history.goesOnWith(probe)) {
        history.add(probe, answer.time(), answer.nanos());
      } else {
        history = new ProbeHistory(probe, answer.nanos());
      }
      next.put(probe.facts().bean(), history);
    }
    histories = next;
    latest = answer;
  }

  /** Returns null before there is one. */
  @Nullable JvmSnapshot latest() {
    return latest;
  }

  /** Returns the histories, in the order in which the probes were added. */
  List<ProbeHistory> probes() {
    return List.copyOf(histories.values());
  }

  /** Returns null if there is no such probe. */
  @Nullable ProbeHistory probe(@Nullable ObjectName bean) {
    return bean == null ? null : histories.get(bean);
  }
}
