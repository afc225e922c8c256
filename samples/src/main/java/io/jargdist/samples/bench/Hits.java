/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one hit of a probe costs the thread that is hit: the time of a call of libc's write while it
 * is probed, less that of one which is not, measured right before. The calls are made from Java,
 * one byte to /dev/null, by one thread, and by one for each processor, which then all count into
 * one bucket. In each round each row's probe is attached, measured and detached in turn, so that
 * what else the machine does meets all of them; a sample is the fastest of some batches.
 *
 * <p>There is a table for each kind of probe. Its first row is a program that does nothing, at the
 * place where jargdist puts its own: what the kernel takes for the probe, whatever it does. Each
 * write is also one call of JNI's GetByteArrayRegion, which has a USDT probe.
 */
final class Hits {
  private static final String FUNCTION = "(int fd, void *buf, size_t count)";
  private static final String CLOCK = "[";

  private final Target target;
  private final JargdistAgent agent;
  private final boolean smoke;
  private final Set<String> complained = new HashSet<>();

  private Hits(Target target, JargdistAgent agent, boolean smoke) {
    this.target = target;
    this.agent = agent;
    this.smoke = smoke;
  }

  /** Stops a probing. */
  private interface End {
    void run() throws Exception;
  }

  private interface Prober {
    /** Returns when the probe is attached. */
    End start() throws Exception;
  }

  private record Row(String name, Prober prober) {}

  private record Group(List<Row> rows, Table one, Table all) {
    static Group of(String title, List<Row> rows) {
      return new Group(
          rows,
          new Table(title + ": cost of a hit, one thread", "ns"),
          new Table(title + ": cost of a hit, all processors, one bucket", "ns"));
    }
  }

  static void measure(Path jar, boolean smoke) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      new Hits(target, agent, smoke).measure();
    }
  }

  private void measure() throws Exception {
    int processors = Runtime.getRuntime().availableProcessors();
    List<Group> groups = groups();
    time(1);
    for (int round = 0; round < (smoke ? 1 : 3); round++) {
      for (Group group : groups) {
        for (Row row : group.rows()) {
          double one = time(1);
          double all = time(processors);
          try {
            End end = row.prober().start();
            group.one().add(row.name(), time(1) - one);
            group.all().add(row.name(), time(processors) - all);
            end.run();
          } catch (IOException e) {
            if (complained.add(row.name())) {
              System.out.printf("%s is left out, it does not work here: %s%n", row.name(), e);
            }
          }
        }
      }
    }
    for (Group group : groups) {
      System.out.println();
      group.one().print();
      group.all().print();
    }
  }

  /** Of a call, in ns. */
  private double time(int threads) throws IOException {
    int calls = smoke ? 500 : 5000;
    double fastest = Double.MAX_VALUE;
    for (int batch = 0; batch < (smoke ? 1 : 5); batch++) {
      long start = System.nanoTime();
      target.run("write " + calls + " 1 " + threads);
      fastest = Math.min(fastest, (System.nanoTime() - start) / (double) calls);
    }
    return fastest;
  }

  private List<Group> groups() throws Exception {
    String write = target.libraryPath("libc.so.6") + ":write";
    String placed = write + distance();
    String usdt = target.libraryPath("libjvm.so");
    String region = "usdt:" + usdt + ":hotspot_jni:GetByteArrayRegion__entry";
    String tracepoint = "tracepoint:syscalls:sys_enter_write";
    String pid = " /pid == " + target.pid() + "/ ";
    String size = "p:c:write" + FUNCTION + ":size_t:count";
    String latency = "r:c:write():u64:$latency";
    return List.of(
        Group.of(
            "uprobe, histogram of sizes",
            List.of(
                bpftrace("empty program, at jargdist's place", "uprobe:" + placed + " { }"),
                bpftrace("empty program, at the entry", "uprobe:" + write + " { }"),
                ours("jargdist", "-H '" + size + "'"),
                ours("jargdist, filtered out", "-H '" + size + ":count>4096'"),
                ours("jargdist, frequency", "-C '" + size + "'"),
                ours("jargdist, --no-placement", "--no-placement -H '" + size + "'"),
                argdist(size),
                bpftrace("bpftrace", "uprobe:" + write + " { @ = hist(arg2); }"))),
        Group.of(
            "uprobe and uretprobe, histogram of latencies",
            List.of(
                bpftrace(
                    "empty programs, at jargdist's places",
                    "uprobe:" + placed + " { } uretprobe:" + write + " { }"),
                ours("jargdist", "-H '" + latency + "'"),
                ours("jargdist, --no-placement", "--no-placement -H '" + latency + "'"),
                argdist(latency),
                bpftrace(
                    "bpftrace",
                    "uprobe:%s { @s[tid] = nsecs; } uretprobe:%s { @ = hist(nsecs - @s[tid]); }"
                        .formatted(write, write)))),
        Group.of(
            "USDT, count",
            List.of(
                bpftrace("empty program", region + " { }"),
                ours("jargdist", "-C 'u:jvm:GetByteArrayRegion__entry()'"),
                argdist("-C", "u:" + usdt + ":GetByteArrayRegion__entry()"),
                bpftrace("bpftrace", region + " { @ = count(); }"))),
        Group.of(
            "tracepoint, histogram of sizes",
            List.of(
                bpftrace("empty program", tracepoint + " { }"),
                ours("jargdist", "-H 't:syscalls:sys_enter_write():u64:args->count'"),
                argdist("t:syscalls:sys_enter_write():u64:args->count"),
                bpftrace("bpftrace", tracepoint + pid + "{ @ = hist(args->count); }"))));
  }

  /** How far behind the entry jargdist places its probe, as bpftrace says it. */
  private String distance() throws Exception {
    String text = agent.execute("check 'p:c:write()'");
    int plus = text.indexOf(":write+");
    String rest = plus < 0 ? "" : text.substring(plus + ":write".length());
    return plus < 0 ? "" : rest.replaceFirst("(?s)^(\\+[0-9]+).*", "$1");
  }

  private Row ours(String name, String line) {
    return new Row(
        name,
        () -> {
          String probe = agent.execute("--max-overhead 0 " + line);
          return () -> agent.remove(probe);
        });
  }

  private Row bpftrace(String name, String program) {
    String all = program + " interval:ms:1 { printf(\"attached\\n\"); }";
    // Else bpftrace wants to see for itself that an instruction begins there, or does not run.
    String anywhere = "--unsafe";
    return other(
        name,
        "attached",
        List.of("bpftrace", anywhere, "-B", "none", "-p", target.pid(), "-e", all));
  }

  private Row argdist(String specifier) {
    return argdist("-H", specifier);
  }

  private Row argdist(String form, String specifier) {
    List<String> command =
        new ArrayList<>(List.of("argdist-bpfcc", "-p", target.pid(), form, specifier));
    return other("argdist", CLOCK, command);
  }

  private static Row other(String name, String attached, List<String> command) {
    return new Row(
        name,
        () -> {
          Watcher watcher = Watcher.start(attached, command);
          return watcher::close;
        });
  }
}
