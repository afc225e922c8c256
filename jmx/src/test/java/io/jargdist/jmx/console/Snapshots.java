/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** Makes answers that MBeans might give. */
final class Snapshots {
  static final Instant STARTED = Instant.parse("2026-11-23T12:00:00Z");

  private Snapshots() {}

  static ProbeSnapshot.OfHistogram histogram(String name, long lost, long... values) {
    return histogram(Log2Buckets.DEFAULT, name, lost, values);
  }

  static ProbeSnapshot.OfHistogram histogram(
      BucketScheme scheme, String name, long lost, long... values) {
    HistogramSnapshot snapshot = snapshot(scheme, values);
    return new ProbeSnapshot.OfHistogram(
        facts("Histogram", name, snapshot.count(), lost), "ns", "little", snapshot, null);
  }

  /** A histogram with one key; each has some values. */
  static ProbeSnapshot.OfHistogram keyed(String name, Map<String, List<Long>> values) {
    Map<List<String>, Distribution> keys = new HashMap<>();
    values.forEach(
        (key, all) -> {
          Distribution counts = Distribution.NOTHING;
          for (long value : all) {
            int slot = Log2Buckets.DEFAULT.slotOf(value);
            counts = counts.plus(Distribution.ofSlot(slot, 1)).plus(Distribution.ofSum(value));
          }
          keys.put(List.of(key), counts);
        });
    HistogramSnapshot snapshot =
        HistogramSnapshot.ofKeys(Log2Buckets.DEFAULT, keys, Losses.NONE, Sampling.NONE);
    return new ProbeSnapshot.OfHistogram(
        facts("Histogram", name, snapshot.count(), 0),
        "ns",
        "little",
        snapshot,
        new ProbeSnapshot.OfHistogram.Keys(List.of("fd"), keys, 0));
  }

  static HistogramSnapshot snapshot(BucketScheme scheme, long... values) {
    long[] counts = new long[scheme.slots()];
    long sum = 0;
    for (long value : values) {
      counts[scheme.slotOf(value)]++;
      sum += value;
    }
    return new HistogramSnapshot(scheme, counts, sum, Losses.NONE, Sampling.NONE);
  }

  static ProbeSnapshot.OfFrequency frequency(String name, Map<List<String>, Long> counts) {
    long total = counts.values().stream().mapToLong(Long::longValue).sum();
    return new ProbeSnapshot.OfFrequency(
        facts("Frequency", name, total, 0), List.of("fd"), counts, Set.of(), 0);
  }

  static ProbeSnapshot.Facts facts(String type, String name, long count, long lost) {
    return facts(type, name, count, lost, List.of());
  }

  static ProbeSnapshot.Facts facts(
      String type, String name, long count, long lost, List<String> warnings) {
    return new ProbeSnapshot.Facts(
        bean(type, name),
        "r:c:read():int:$retval#" + name,
        "running",
        "",
        STARTED,
        count,
        lost,
        lost == 0 ? "" : "table full: " + lost,
        Double.NaN,
        0.5,
        1,
        warnings);
  }

  static ObjectName bean(String type, String name) {
    try {
      return new ObjectName("jargdist:type=" + type + ",name=" + name);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * @param seconds since an arbitrary moment
   */
  static JvmSnapshot ofJvm(String server, double seconds, ProbeSnapshot... probes) {
    return new JvmSnapshot(
        STARTED.plusMillis((long) (1000 * seconds)),
        (long) (seconds * 1e9),
        server,
        new JvmSnapshot.AgentFacts("1", "ready", "local", ""),
        new JvmSnapshot.Jvm("4711@here", 0),
        List.of(probes));
  }
}
