/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Compares what jargdist says that a probe costs with what it costs. A JVM writes single bytes to
 * /dev/null as fast as it can, on one, two and all processors. What a hit costs in truth is the CPU
 * time of that JVM for a call while it is probed, less that of one which is not, measured right
 * before and right after. What jargdist says is the median of {@code OverheadPercent}, divided by
 * {@code HitsPerSecond}, during the same calls.
 */
final class Prices {
  private static final double GOAL = 0.25;
  private static final String FUNCTION = "(int fd, void *buf, size_t count)";

  private final Target target;
  private final JargdistAgent agent;
  private final boolean smoke;

  private Prices(Target target, JargdistAgent agent, boolean smoke) {
    this.target = target;
    this.agent = agent;
    this.smoke = smoke;
  }

  /**
   * @param line what to attach
   * @param type of its MBean
   */
  private record Row(String name, String line, String type) {}

  /** The prices of all rounds, in ns. */
  private record Compared(List<Double> predicted, List<Double> measured) {}

  /**
   * CPU time of some calls, in ns.
   *
   * @param calls how many
   */
  private record Load(double cpu, long calls) {
    double perCall() {
      return cpu / calls;
    }

    Load plus(Load other) {
      return new Load(cpu + other.cpu, calls + other.calls);
    }
  }

  static void measure(Path jar, boolean smoke) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      new Prices(target, agent, smoke).measure();
    }
  }

  private static List<Row> rows() {
    String size = FUNCTION + ":size_t:count";
    return List.of(
        new Row("uprobe", "-H 'p:c:write" + size + "'", "Histogram"),
        new Row("uprobe, --no-placement", "--no-placement -H 'p:c:write" + size + "'", "Histogram"),
        new Row("uprobe and uretprobe", "-H 'r:c:write():u64:$latency'", "Histogram"),
        new Row("USDT", "-C 'u:jvm:GetByteArrayRegion__entry()'", "Frequency"),
        new Row("tracepoint", "-C 't:syscalls:sys_enter_write()'", "Frequency"));
  }

  private void measure() throws Exception {
    int all = Runtime.getRuntime().availableProcessors();
    Map<String, Compared> found = new LinkedHashMap<>();
    load(1);
    for (int round = 0; round < (smoke ? 1 : 3); round++) {
      for (Row row : rows()) {
        for (int threads : new TreeSet<>(List.of(1, Math.min(2, all), all))) {
          String name = String.format(Locale.ROOT, "%-30s %10d", row.name(), threads);
          compare(row, threads, found.computeIfAbsent(name, unknown -> empty()));
        }
      }
    }
    print(found);
  }

  private static Compared empty() {
    return new Compared(new ArrayList<>(), new ArrayList<>());
  }

  private void compare(Row row, int threads, Compared compared) throws Exception {
    Load before = load(threads);
    String name = agent.execute("--max-overhead 0 " + row.line());
    ObjectName bean = new ObjectName("jargdist:type=" + row.type() + ",name=" + name);
    List<Double> said = new ArrayList<>();
    Thread reader = new Thread(() -> read(bean, said), "reader");
    reader.start();
    Load probed = load(threads);
    reader.interrupt();
    reader.join();
    agent.remove(name);
    Load without = before.plus(load(threads));
    if (said.isEmpty()) {
      throw new IOException(row.name() + ": OverheadPercent was never known");
    }
    compared.predicted().add(ResultTable.median(said));
    compared.measured().add(probed.perCall() - without.perCall());
  }

  /** Reads the price of a hit until it is interrupted, from the first whole second on. */
  private void read(ObjectName bean, List<Double> nanos) {
    try {
      TimeUnit.MILLISECONDS.sleep(smoke ? 600 : 1600);
      while (true) {
        double hits = (double) agent.attribute(bean, "HitsPerSecond");
        if (hits > 0) {
          nanos.add((double) agent.attribute(bean, "OverheadPercent") / 100 * 1e9 / hits);
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    } catch (InterruptedException e) {
      // All calls are made.
    } catch (IOException | JMException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes calls for some seconds. */
  private Load load(int threads) throws IOException {
    int calls = smoke ? 5000 : 50_000;
    long length = TimeUnit.MILLISECONDS.toNanos(smoke ? 1500 : 3000);
    long start = System.nanoTime();
    long cpu = cpuNanos();
    long made = 0;
    while (System.nanoTime() - start < length) {
      target.run("write " + calls + " 1 " + threads);
      made += (long) calls * threads;
    }
    return new Load(cpuNanos() - cpu, made);
  }

  /** Returns the CPU time of all threads that the target has and has had. */
  private long cpuNanos() throws IOException {
    return target
        .handle()
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IOException("the CPU time of the target is not known"))
        .toNanos();
  }

  private static void print(Map<String, Compared> found) {
    System.out.println("What a hit costs, as jargdist says and in truth, ns");
    System.out.printf(
        Locale.ROOT,
        "  %-30s %10s %9s %9s %9s %9s %7s%n",
        "",
        "processors",
        "says",
        "truth",
        "min",
        "max",
        "ratio");
    int within = 0;
    for (Map.Entry<String, Compared> row : found.entrySet()) {
      double predicted = ResultTable.median(row.getValue().predicted());
      List<Double> sorted = row.getValue().measured().stream().sorted().toList();
      double ratio = predicted / ResultTable.median(sorted);
      within += Math.abs(ratio - 1) <= GOAL ? 1 : 0;
      System.out.printf(
          Locale.ROOT,
          "  %s %9.1f %9.1f %9.1f %9.1f %7.2f%n",
          row.getKey(),
          predicted,
          ResultTable.median(sorted),
          sorted.get(0),
          sorted.get(sorted.size() - 1),
          ratio);
    }
    System.out.printf(
        Locale.ROOT, "%d of %d within %.0f %% of the truth%n", within, found.size(), GOAL * 100);
  }
}
