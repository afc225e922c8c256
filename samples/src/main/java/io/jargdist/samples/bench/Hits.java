/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Measures what one hit of a probe costs the thread that is hit: the time of a call of libc's write
 * while it is probed, less that of one which is not, measured right before. The calls are made from
 * Java, one byte to /dev/null, by one thread, and by one for each processor, which then all count
 * into one bucket. In each round each row's probe is attached, measured and detached in turn, so
 * that other work of the machine meets all of them; a sample is the fastest of some batches.
 *
 * <p>There is a table for each kind of probe. Its first row is a program that does nothing, at the
 * place where jargdist puts its own: what the kernel takes for the probe, whatever it does. The
 * last table says what that depends on. Each write is also one call of JNI's GetByteArrayRegion,
 * which has a USDT probe.
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

  /**
   * @param calls in a batch: the cheaper a hit is, the longer it takes to see it
   */
  private record Group(List<Row> rows, int calls, ResultTable one, ResultTable all) {
    static Group of(String title, int calls, List<Row> rows) {
      return new Group(
          rows,
          calls,
          new ResultTable(title + ": cost of a hit, one thread", "ns"),
          new ResultTable(title + ": cost of a hit, all processors, one bucket", "ns"));
    }
  }

  static void measure(Path jar, boolean smoke) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      Hits hits = new Hits(target, agent, smoke);
      hits.measure(hits.kinds());
      System.out.println();
      instructions(cache).print();
    }
  }

  /** Measures several probes on one function. */
  static void measureMany(Path jar, boolean smoke) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      Hits hits = new Hits(target, agent, smoke);
      hits.measure(List.of(hits.many()));
    }
  }

  /**
   * Returns what jargdist itself has measured, on code of its own, to know where to place probes:
   * the least of a few readings.
   */
  private static ResultTable instructions(ScratchFolder cache) throws IOException {
    ResultTable table =
        new ResultTable("uprobe with a counting program, by the probed instruction", "ns");
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(cache.path().resolve("jargdist/measured"), "uprobes-*")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split("=", 2);
          String name = words[0].toLowerCase(Locale.ROOT).replace('_', ' ');
          // The first line is a checksum.
          if (words.length == 2 && words[1].matches("\\d+") && !name.equals("measurements")) {
            String row = name.replaceFirst("^together\\.(.*)", "$1, all processors");
            table.add(
                row.replaceFirst("^return", "and for the return"), Double.parseDouble(words[1]));
          }
        }
      }
    }
    return table;
  }

  private void measure(List<Group> groups) throws Exception {
    int processors = Runtime.getRuntime().availableProcessors();
    time(1, groups.get(0));
    for (int round = 0; round < (smoke ? 1 : 3); round++) {
      for (Group group : groups) {
        for (Row row : group.rows()) {
          double one = time(1, group);
          double all = time(processors, group);
          try {
            End end = row.prober().start();
            group.one().add(row.name(), time(1, group) - one);
            group.all().add(row.name(), time(processors, group) - all);
            end.run();
          } catch (IOException e) {
            if (complained.add(row.name())) {
              System.out.printf(
                  Locale.ROOT, "%s is left out, it does not work here: %s%n", row.name(), e);
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

  /** Returns the time of a call, in ns. */
  private double time(int threads, Group group) throws IOException {
    int calls = smoke ? 500 : group.calls();
    double fastest = Double.MAX_VALUE;
    for (int batch = 0; batch < (smoke ? 1 : 5); batch++) {
      long start = System.nanoTime();
      target.run("write " + calls + " 1 " + threads);
      fastest = Math.min(fastest, (System.nanoTime() - start) / (double) calls);
    }
    return fastest;
  }

  private List<Group> kinds() throws Exception {
    String write = target.libraryPath("libc.so.6") + ":write";
    String placed = write + distance();
    String usdt = target.libraryPath("libjvm.so");
    String region = "usdt:" + usdt + ":hotspot_jni:GetByteArrayRegion__entry";
    String tracepoint = "tracepoint:syscalls:sys_enter_write";
    String pid = " /pid == " + target.pid() + "/ ";
    String size = "p:c:write" + FUNCTION + ":size_t:count";
    String keyed = "p:c:write" + FUNCTION + ":size_t,size_t:count,count";
    String entered = "t:syscalls:sys_enter_write()";
    String latency = "r:c:write():u64:$latency";
    return List.of(
        Group.of(
            "uprobe, histogram of sizes",
            3000,
            List.of(
                empty("empty program, at jargdist's place", "p", placed),
                empty("empty program, at the entry", "p", write),
                ours("jargdist", "-H '" + size + "'"),
                ours("jargdist, filtered out", "-H '" + size + ":count>4096'"),
                ours("jargdist, frequency", "-C '" + size + "'"),
                ours("jargdist, sum by the same key", "-S '" + keyed + "'"),
                ours("jargdist, histogram by the same key", "-H '" + keyed + "'"),
                ours("jargdist, --no-placement", "--no-placement -H '" + size + "'"),
                argdist(size),
                bpftrace("bpftrace", "uprobe:" + write + " { @ = hist(arg2); }"))),
        Group.of(
            "uprobe and uretprobe, histogram of latencies",
            3000,
            List.of(
                empty("empty programs, at jargdist's places", "p", placed, "r", placed),
                ours("jargdist", "-H '" + latency + "'"),
                ours("jargdist, --no-placement", "--no-placement -H '" + latency + "'"),
                argdist(latency),
                bpftrace(
                    "bpftrace",
                    String.format(
                        Locale.ROOT,
                        "uprobe:%s { @s[tid] = nsecs; } uretprobe:%s { @ = hist(nsecs - @s[tid]); }",
                        write,
                        write)))),
        Group.of(
            "USDT, count",
            5000,
            List.of(
                bpftrace("empty program", region + " { }"),
                ours("jargdist", "-C 'u:jvm:GetByteArrayRegion__entry()'"),
                argdist("-C", "u:" + usdt + ":GetByteArrayRegion__entry()"),
                bpftrace("bpftrace", region + " { @ = count(); }"))),
        Group.of(
            "tracepoint, histogram of sizes",
            30_000,
            List.of(
                empty("empty program", "t", "syscalls:sys_enter_write"),
                ours("jargdist", "-H '" + entered + ":u64:args->count'"),
                ours("jargdist, frequency", "-C '" + entered + ":u64:args->count'"),
                ours(
                    "jargdist, sum by the same key",
                    "-S '" + entered + ":u64,u64:args->count,args->count'"),
                ours(
                    "jargdist, histogram by the same key",
                    "-H '" + entered + ":u64,u64:args->count,args->count'"),
                argdist("t:syscalls:sys_enter_write():u64:args->count"),
                bpftrace("bpftrace", tracepoint + pid + "{ @ = hist(args->count); }"))));
  }

  private Group many() {
    List<Row> rows = new ArrayList<>();
    for (int probes : smoke ? List.of(1, 2) : List.of(1, 10, 100)) {
      String line = " -H 'p:c:write" + FUNCTION + ":size_t:count'";
      rows.add(ours(probes + (probes == 1 ? " probe" : " probes"), line.repeat(probes).strip()));
    }
    return Group.of("histograms of sizes on one function", 2000, rows);
  }

  /** Returns how far behind the entry jargdist places its probe, as bpftrace says it. */
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
          List<String> probes = agent.execute("--max-overhead 0 " + line).lines().toList();
          return () -> {
            for (String probe : probes) {
              agent.remove(probe);
            }
          };
        });
  }

  private Row bpftrace(String name, String program) {
    String all = program + " interval:ms:200 { printf(\"attached\\n\"); }";
    return other(
        name, "attached", List.of("bpftrace", "-B", "none", "-p", target.pid(), "-e", all));
  }

  private Row empty(String name, String... places) {
    return other(name, EmptyProgram.ATTACHED, EmptyProgram.command(target, places));
  }

  private Row argdist(String specifier) {
    return argdist("-H", specifier);
  }

  private Row argdist(String form, String specifier) {
    List<String> command = Argdist.command(List.of("-p", target.pid(), form, specifier));
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
