/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** The rows of a snapshot: what was counted, by key. A key has one element per column. */
final class Rows {
  /** Puts keys in order, decimal numbers among them. */
  private static final Comparator<List<String>> KEYS = Rows::compare;

  private Rows() {}

  /**
   * Combines two tables, of whatever key.
   *
   * @param how combines two amounts; the first one is nothing if only the other table has the key
   * @param nothing a row of this amount is left out
   */
  static <K, V> Map<K, V> combined(
      Map<K, V> one, Map<K, V> other, BinaryOperator<V> how, V nothing) {
    Map<K, V> result = new HashMap<>(one);
    for (Map.Entry<K, V> row : other.entrySet()) {
      V amount = how.apply(result.getOrDefault(row.getKey(), nothing), row.getValue());
      if (amount.equals(nothing)) {
        result.remove(row.getKey());
      } else {
        result.put(row.getKey(), amount);
      }
    }
    return result;
  }

  /** Puts tables together. Several of them may have the same key. */
  static <V> Map<List<String>, V> joined(List<Map<List<String>, V>> parts, BinaryOperator<V> plus) {
    Map<List<String>, V> result = new HashMap<>();
    for (Map<List<String>, V> part : parts) {
      part.forEach((key, amount) -> result.merge(key, amount, plus));
    }
    return result;
  }

  /** Returns the rows that have these keys. */
  static <V> Map<List<String>, V> some(Map<List<String>, V> rows, Collection<List<String>> keys) {
    Map<List<String>, V> result = new HashMap<>();
    for (List<String> key : keys) {
      V amount = rows.get(key);
      if (amount != null) {
        result.put(key, amount);
      }
    }
    return result;
  }

  /**
   * Returns the largest rows, the largest first. Rows of the same size come in the order of their
   * keys.
   *
   * @param limit how many at most
   */
  static <V> List<Map.Entry<List<String>, V>> largest(
      Map<List<String>, V> rows, Comparator<V> size, int limit) {
    List<Map.Entry<List<String>, V>> entries = new ArrayList<>(rows.entrySet());
    entries.sort(
        Map.Entry.<List<String>, V>comparingByValue(size.reversed())
            .thenComparing(Map.Entry.comparingByKey(KEYS)));
    return entries.size() <= limit ? entries : entries.subList(0, limit);
  }

  private static int compare(List<String> one, List<String> other) {
    int order = 0;
    for (int i = 0; order == 0 && i < one.size(); i++) {
      String left = one.get(i);
      String right = other.get(i);
      // The shorter first: puts decimal numbers in order.
      order = Integer.compare(left.length(), right.length());
      order = order == 0 ? left.compareTo(right) : order;
    }
    return order;
  }
}
