/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;

/**
 * Measures what a reading of a probe costs: CPU time of all processes that take part, divided by
 * the number of readings. An attribute of jargdist is read through JMX: Counts of a histogram, Top
 * of a frequency table, for which the bridge reads the whole table, and JVM and bridge count.
 * argdist prints as fast as it can ({@code -i 0}), and clears its table each time; bpftrace prints
 * every millisecond, if it can.
 */
final class Reads {
  private final Target target;
  private final JargdistAgent agent;
  private final boolean smoke;
  private final ResultTable table = new ResultTable("CPU time of a reading", "us");

  private Reads(Target target, JargdistAgent agent, boolean smoke) {
    this.target = target;
    this.agent = agent;
    this.smoke = smoke;
  }

  static void measure(Path jar, boolean smoke) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      new Reads(target, agent, smoke).measure();
    }
  }

  private void measure() throws Exception {
    String lseek = target.libraryPath("libc.so.6") + ":lseek64";
    for (int round = 0; round < (smoke ? 1 : 3); round++) {
      histograms(lseek);
      for (int keys : smoke ? new int[] {10} : new int[] {100, 1000, 10_000}) {
        frequencies(lseek, keys);
      }
    }
    table.print();
  }

  private void histograms(String lseek) throws Exception {
    String specifier = "p:c:lseek64(int fd, long offset):u64:offset";
    ours("jargdist, 65 slots", "-H '" + specifier + "'", "Histogram", "Counts", 1);
    ours(
        "jargdist, 65 x 32 slots",
        "--buckets log2/5 -H '" + specifier + "'",
        "Histogram",
        "Counts",
        1);
    other("argdist, 65 slots", "[", argdist("-H", specifier), 1);
    String hist = "uprobe:" + lseek + " { @ = hist(arg1); } ";
    other("bpftrace, 65 slots", "@:", bpftrace(hist), 1);
  }

  private void frequencies(String lseek, int keys) throws Exception {
    String specifier = "p:c:lseek64(int fd, long offset):u64:offset";
    ours("jargdist, " + keys + " keys", "-C '" + specifier + "'", "Frequency", "Top", keys);
    other("argdist, " + keys + " keys", "[", argdist("-C", specifier), keys);
    String count = "uprobe:" + lseek + " { @[arg1] = count(); } ";
    other("bpftrace, " + keys + " keys", "@[1]:", bpftrace(count), keys);
  }

  private List<String> argdist(String form, String specifier) {
    return Argdist.command(List.of("-c", "-i", "0", "-p", target.pid(), form, specifier));
  }

  private List<String> bpftrace(String program) {
    return List.of(
        "env",
        "BPFTRACE_MAP_KEYS_MAX=20000",
        "bpftrace",
        "-B",
        "none",
        "-p",
        target.pid(),
        "-e",
        program + "interval:ms:1 { print(@); }");
  }

  /** One event with each of so many keys, from 1 on. */
  private void fill(int keys) throws IOException {
    for (int key = 1; key <= keys; key++) {
      target.run("lseek 1 " + key);
    }
  }

  private void ours(String row, String line, String type, String attribute, int keys)
      throws Exception {
    String name = agent.execute("--max-overhead 0 --table-entries 20000 " + line);
    ObjectName bean = new ObjectName("jargdist:type=" + type + ",name=" + name);
    fill(keys);
    int readings = smoke ? 2 : keys > 1000 ? 50 : 200;
    for (int i = 0; i < readings; i++) {
      agent.attribute(bean, attribute);
    }
    Map<Path, Long> before = ProcessFiles.cpuNanos(target.all());
    for (int i = 0; i < readings; i++) {
      agent.attribute(bean, attribute);
    }
    List<ProcessHandle> bridge = target.handle().descendants().toList();
    double micros = ProcessFiles.cpuNanosSince(before, target.all()) / 1000.0;
    double ofBridge = ProcessFiles.cpuNanosSince(before, bridge) / 1000.0;
    table.add(row, micros / readings);
    table.add(row + ", of it the bridge", ofBridge / readings);
    agent.remove(name);
  }

  /** The tool prints nothing before the first event. */
  private void other(String row, String firstWords, List<String> command, int keys)
      throws Exception {
    Thread filler =
        new Thread(
            () -> {
              try {
                // Until the tool is attached, events are made in vain.
                while (!Thread.interrupted()) {
                  fill(1);
                  TimeUnit.MILLISECONDS.sleep(20);
                }
              } catch (IOException | InterruptedException e) {
                // The tool is attached, or its start has failed.
              }
            },
            "filler");
    filler.start();
    Watcher watcher;
    try {
      watcher = Watcher.start(firstWords, command);
    } catch (IOException e) {
      System.out.printf(
          Locale.ROOT, "%s is left out, it does not work here: %s%n", row, e.getMessage());
      return;
    } finally {
      filler.interrupt();
      filler.join();
    }
    try (watcher) {
      fill(keys);
      List<ProcessHandle> tool = List.of(watcher.handle());
      long readings = watcher.lines();
      Map<Path, Long> before = ProcessFiles.cpuNanos(tool);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(smoke ? 0 : 2);
      while (System.nanoTime() < end || watcher.lines() < readings + 2) {
        TimeUnit.MILLISECONDS.sleep(10);
        watcher.requireRunning();
      }
      table.add(
          row, ProcessFiles.cpuNanosSince(before, tool) / 1000.0 / (watcher.lines() - readings));
    } catch (IOException e) {
      System.out.printf(Locale.ROOT, "%s is left out: %s%n", row, e.getMessage());
    }
  }
}
