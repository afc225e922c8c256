/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest news of probes that are not known yet, since a host can tell them before its answer to
 * the request for the probe has been read. Thread-safe.
 */
final class Unmatched<T> {
  private static final int MOST = 100;

  private final Map<State.Place, T> news = new LinkedHashMap<>();

  synchronized void add(State.Place place, T latest) {
    news.put(place, latest);
    if (news.size() > MOST) {
      news.remove(news.keySet().iterator().next());
    }
  }

  /** Returns null if there are none. */
  synchronized @Nullable T remove(State.Place place) {
    return news.remove(place);
  }
}
