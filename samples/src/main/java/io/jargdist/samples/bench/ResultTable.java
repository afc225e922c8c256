/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Named samples, printed with median, extremes, and the ratio of each median to the first one. Rows
 * stay in the order in which their names came first.
 */
final class ResultTable {
  private final String title;
  private final String unit;
  private final Map<String, List<Double>> samples = new LinkedHashMap<>();

  ResultTable(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  void add(String row, double sample) {
    samples.computeIfAbsent(row, name -> new ArrayList<>()).add(sample);
  }

  /** Returns the samples of the row, in the order in which they came. */
  List<Double> row(String row) {
    return samples.getOrDefault(row, List.of());
  }

  void print() {
    System.out.printf(Locale.ROOT, "%s, %s%n", title, unit);
    System.out.printf(
        Locale.ROOT, "  %-44s %4s %9s %9s %9s %7s%n", "", "runs", "median", "min", "max", "ratio");
    double base = Double.NaN;
    for (Map.Entry<String, List<Double>> row : samples.entrySet()) {
      List<Double> sorted = row.getValue().stream().sorted().toList();
      double median = median(sorted);
      base = Double.isNaN(base) ? median : base;
      System.out.printf(
          Locale.ROOT,
          "  %-44s %4d %9.1f %9.1f %9.1f %7.2f%n",
          row.getKey(),
          sorted.size(),
          median,
          sorted.get(0),
          sorted.get(sorted.size() - 1),
          median / base);
    }
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
