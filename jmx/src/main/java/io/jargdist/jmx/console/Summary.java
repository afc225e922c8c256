/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.HistogramSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures above a distribution, by name, as texts. */
final class Summary {
  private Summary() {}

  /**
   * @param unit of the values; empty if not known
   */
  static Map<String, String> of(HistogramSnapshot histogram, String unit) {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("events", Numbers.count(histogram.count()));
    figures.put("min", Numbers.value(histogram.min(), unit));
    figures.put("p50", Numbers.value(histogram.quantile(0.5), unit));
    figures.put("p75", Numbers.value(histogram.quantile(0.75), unit));
    figures.put("p95", Numbers.value(histogram.quantile(0.95), unit));
    figures.put("p99", Numbers.value(histogram.quantile(0.99), unit));
    figures.put("p99.9", Numbers.value(histogram.quantile(0.999), unit));
    figures.put("max", Numbers.value(histogram.max(), unit));
    figures.put("mean", Numbers.value(histogram.mean(), unit));
    return figures;
  }
}
