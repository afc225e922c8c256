/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A row of counts: a bucket, or a key.
 *
 * @param key what was counted: a bucket, or the parts of a key
 * @param order of the key among all rows: of a bucket's values, or a key's
 * @param count events, or a sum
 * @param share of all events, 0 to 1; of sums, that of their magnitudes
 * @param upTo share of this row and all before it, 0 to 1
 */
record CountRow(List<String> key, int order, long count, double share, double upTo) {
  CountRow {
    key = List.copyOf(key);
  }

  /** Returns the key as one text. */
  String label() {
    return String.join(", ", key);
  }

  /**
   * Returns the buckets from the lowest to the highest one with an event. Empty ones between two
   * others have a row each if they are powers of two, else one for all.
   */
  static List<CountRow> of(HistogramSnapshot histogram) {
    return of(histogram, histogram);
  }

  /**
   * Returns rows that can be compared with those of others.
   *
   * @param together the histogram and the others, of which each bucket with events has a row
   */
  static List<CountRow> of(HistogramSnapshot histogram, HistogramSnapshot together) {
    BucketScheme scheme = histogram.scheme();
    int first = 0;
    int last = scheme.slots() - 1;
    while (first <= last && together.count(first) == 0) {
      first++;
    }
    while (last > first && together.count(last) == 0) {
      last--;
    }
    double total = histogram.count();
    long sum = 0;
    List<CountRow> rows = new ArrayList<>();
    for (int slot = first; slot <= last; slot++) {
      if (!scheme.isUsed(slot)) {
        continue;
      }
      int low = slot;
      long count = histogram.count(slot);
      while (together.count(slot) == 0
          && !scheme.showsEmptyBuckets()
          && together.count(slot + 1) == 0) {
        slot++;
      }
      sum += count;
      rows.add(
          new CountRow(
              List.of(Numbers.bucket(scheme, low, slot)),
              rows.size(),
              count,
              share((double) count, total),
              share((double) sum, total)));
    }
    return rows;
  }

  /**
   * The most frequent keys, or the largest sums, first; the order of keys is that of their numbers
   * and texts.
   */
  static List<CountRow> of(Map<List<String>, Long> counts) {
    Map<List<String>, Integer> orders = new TreeMap<>(CountRow::compareKeys);
    counts.keySet().forEach(key -> orders.put(key, 0));
    int next = 0;
    for (Map.Entry<List<String>, Integer> entry : orders.entrySet()) {
      entry.setValue(next++);
    }
    double total = 0;
    for (long count : counts.values()) {
      total += Math.abs((double) count);
    }
    List<Map.Entry<List<String>, Long>> entries = new ArrayList<>(counts.entrySet());
    entries.sort(
        Map.Entry.<List<String>, Long>comparingByValue()
            .reversed()
            .thenComparing(Map.Entry.comparingByKey(CountRow::compareKeys)));
    List<CountRow> rows = new ArrayList<>();
    double sum = 0;
    for (Map.Entry<List<String>, Long> entry : entries) {
      long count = entry.getValue();
      sum += Math.abs((double) count);
      rows.add(
          new CountRow(
              entry.getKey(),
              orders.getOrDefault(entry.getKey(), 0),
              count,
              share(Math.abs((double) count), total),
              share(sum, total)));
    }
    return rows;
  }

  /** There may be no events, and sums may all be 0. */
  private static double share(double part, double total) {
    return total == 0 ? 0 : part / total;
  }

  private static int compareKeys(List<String> a, List<String> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = PART.compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /** Numbers by their value, before texts. */
  private static final Comparator<String> PART =
      Comparator.comparing((String part) -> !isNumber(part))
          .thenComparing(part -> isNumber(part) ? new BigInteger(part) : BigInteger.ZERO)
          .thenComparing(Comparator.naturalOrder());

  private static boolean isNumber(String part) {
    return part.matches("-?\\d{1,20}");
  }
}
