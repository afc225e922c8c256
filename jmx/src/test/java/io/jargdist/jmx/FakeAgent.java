/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * An agent whose probes count in memory what the test tells them, on an MBean server of its own,
 * with a clock that the test moves.
 */
final class FakeAgent implements ProbeControl, AutoCloseable {
  static final Instant STARTED = Instant.parse("2026-11-23T12:00:00Z");

  /** An exception that a client with nothing but the JDK cannot read. */
  static final class OurException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OurException(String message) {
      super(message);
    }
  }

  abstract static class FakeProbe {
    private final String name;
    private final String specifier;
    int reads;
    @Nullable String silence;
    Losses losses = Losses.NONE;
    Sampling sampling = Sampling.NONE;

    FakeProbe(String name, String specifier) {
      this.name = name;
      this.specifier = specifier;
    }

    public String name() {
      return name;
    }

    public String specifier() {
      return specifier;
    }

    public String state() {
      return "running";
    }

    public List<String> placement() {
      return List.of("uprobe /lib/libc.so.6:read+7 (a conditional jump)");
    }

    public List<String> warnings() {
      return List.of("It does not see what it should.");
    }

    public double hitsPerSecond() {
      return 1000;
    }

    public double overheadPercent() {
      return 0.5;
    }

    public @Nullable Long open() {
      return null;
    }

    public Instant started() {
      return STARTED;
    }

    public @Nullable String lastError() {
      return null;
    }

    void lose(Loss loss, long count) {
      losses = losses.plus(new Losses(Map.of(loss, count)));
    }

    void asked() throws IOException {
      reads++;
      if (silence != null) {
        throw new IOException(silence);
      }
    }
  }

  static final class FakeHistogram extends FakeProbe implements HistogramProbe {
    private final BucketScheme scheme;
    private final List<KeyColumn> columns;
    private final long[] counts;
    private final Map<List<String>, Distribution> keys = new HashMap<>();
    private long sum;

    FakeHistogram(String name, String specifier, BucketScheme scheme, KeyColumn... columns) {
      super(name, specifier);
      this.scheme = scheme;
      this.columns = List.of(columns);
      this.counts = new long[scheme.slots()];
    }

    @Override
    public List<KeyColumn> columns() {
      return columns;
    }

    void recordOf(String key, long... values) {
      for (long value : values) {
        Distribution one =
            Distribution.ofSlot(scheme.slotOf(value), 1).plus(Distribution.ofSum(value));
        keys.merge(List.of(key), one, Distribution::plus);
      }
    }

    @Override
    public BucketScheme scheme() {
      return scheme;
    }

    void record(long... values) {
      for (long value : values) {
        counts[scheme.slotOf(value)]++;
        sum += value;
      }
    }

    @Override
    public String label() {
      return "sizes";
    }

    @Override
    public String unit() {
      return "bytes";
    }

    @Override
    public HistogramSnapshot read() throws IOException {
      asked();
      return columns.isEmpty()
          ? new HistogramSnapshot(scheme, counts, sum, losses, sampling)
          : HistogramSnapshot.ofKeys(scheme, keys, losses, sampling);
    }
  }

  static final class FakeFrequency extends FakeProbe implements FrequencyProbe {
    private final List<KeyColumn> columns;
    private final Map<List<String>, Long> counts = new HashMap<>();
    Map<List<String>, Long> open = Map.of();

    FakeFrequency(String name, String specifier, KeyColumn... columns) {
      super(name, specifier);
      this.columns = List.of(columns);
    }

    void record(long count, String... key) {
      counts.merge(List.of(key), count, Long::sum);
    }

    @Override
    public List<KeyColumn> columns() {
      return columns;
    }

    @Override
    public FrequencySnapshot read() throws IOException {
      asked();
      return new FrequencySnapshot(counts, losses, sampling);
    }

    @Override
    public FrequencySnapshot readOpen() {
      return new FrequencySnapshot(open, Losses.NONE, Sampling.NONE);
    }
  }

  static final class FakeSum extends FakeProbe implements SumProbe {
    private final List<KeyColumn> columns;
    private final Map<List<String>, Sum> sums = new HashMap<>();

    FakeSum(String name, String specifier, KeyColumn... columns) {
      super(name, specifier);
      this.columns = List.of(columns);
    }

    void record(long value, String... key) {
      sums.merge(List.of(key), new Sum(1, value), Sum::plus);
    }

    @Override
    public List<KeyColumn> columns() {
      return columns;
    }

    @Override
    public String unit() {
      return "bytes";
    }

    @Override
    public SumSnapshot read() throws IOException {
      asked();
      return new SumSnapshot(sums, losses, sampling);
    }
  }

  final MBeanServer server = MBeanServerFactory.newMBeanServer();
  long nanos = 1_000_000;
  Control control = Control.LOCAL;
  final MBeans beans = new MBeans(server, this, () -> nanos);
  private final Map<String, Probe> probes = new LinkedHashMap<>();

  FakeHistogram histogram(String specifier) {
    return histogram(specifier, Log2Buckets.DEFAULT);
  }

  FakeHistogram histogram(String specifier, BucketScheme scheme, KeyColumn... columns) {
    FakeHistogram probe = new FakeHistogram(nameFor(specifier), specifier, scheme, columns);
    probes.put(probe.name(), probe);
    beans.publish(probe);
    return probe;
  }

  FakeFrequency frequency(String specifier, KeyColumn... columns) {
    FakeFrequency probe = new FakeFrequency(nameFor(specifier), specifier, columns);
    probes.put(probe.name(), probe);
    beans.publish(probe);
    return probe;
  }

  FakeSum sum(String specifier, KeyColumn... columns) {
    FakeSum probe = new FakeSum(nameFor(specifier), specifier, columns);
    probes.put(probe.name(), probe);
    beans.publish(probe);
    return probe;
  }

  private String nameFor(String specifier) {
    int label = specifier.indexOf('#');
    return ProbeNames.choose(
        label < 0 ? null : specifier.substring(label + 1), specifier, probes.keySet());
  }

  void passSeconds(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  Object attribute(String bean, String attribute) throws Exception {
    return server.getAttribute(new ObjectName("jargdist:" + bean), attribute);
  }

  @Nullable Object invoke(String bean, String operation, String... arguments) throws Exception {
    List<String> signature = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      signature.add(String.class.getName());
    }
    return server.invoke(
        new ObjectName("jargdist:" + bean), operation, arguments, signature.toArray(new String[0]));
  }

  @Override
  public String version() {
    return "1.2.3";
  }

  @Override
  public Control control() {
    return control;
  }

  @Override
  public String bridge() {
    return "running, pid 4711";
  }

  @Override
  public @Nullable String lastError() {
    return null;
  }

  @Override
  public String addHistogram(String specifier, BucketScheme buckets) {
    refuseBad(specifier);
    return histogram(specifier, buckets).name();
  }

  @Override
  public String addFrequency(String specifier) {
    refuseBad(specifier);
    return frequency(specifier).name();
  }

  @Override
  public String addSum(String specifier) {
    refuseBad(specifier);
    return sum(specifier).name();
  }

  private static void refuseBad(String specifier) {
    if (!specifier.contains(":")) {
      throw new IllegalArgumentException("type: no such thing\n  " + specifier + "\n  ^");
    }
    if (specifier.contains("refused")) {
      throw new IllegalStateException("attaching refused: EPERM (1)", new OurException("cause"));
    }
    if (specifier.contains("defect")) {
      throw new OurException("a defect");
    }
  }

  @Override
  public String check(String specifier) {
    return "fine: " + specifier;
  }

  @Override
  public void remove(String name) {
    if (probes.remove(name) == null) {
      throw new IllegalArgumentException("no probe " + name);
    }
    beans.withdraw(name);
  }

  @Override
  public String execute(String commandLine) {
    return "done: " + commandLine;
  }

  @Override
  public void close() {
    beans.close();
  }
}
