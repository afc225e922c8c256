/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.FontMetrics;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of all rows as they are shown in a width, see {@link TextFit#keys}. They are fitted when
 * they are asked for, and again only if keys, width or font have changed. Confined to one thread.
 */
final class FittedKeys {
  private List<List<String>> keys = List.of();
  private @Nullable FontMetrics metrics;
  private int room;
  private Map<List<String>, String> texts = Map.of();

  void show(List<CountRow> rows) {
    List<List<String>> newKeys = rows.stream().map(CountRow::key).toList();
    if (!newKeys.equals(keys)) {
      keys = newKeys;
      metrics = null;
    }
  }

  Map<List<String>, String> in(FontMetrics newMetrics, int newRoom) {
    if (!newMetrics.equals(metrics) || newRoom != room) {
      metrics = newMetrics;
      room = newRoom;
      texts = new TextFit(newMetrics).keys(keys, newRoom);
    }
    return texts;
  }
}
