/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures a hundred probes at once on an idle JVM, sizes of write with a hundred filters: until
 * all are attached, what memory they take, and until none of their programs is attached any more.
 * The probes of argdist are detached when its process has ended.
 */
final class Hundred {
  private final int probes;
  private final ResultTable times;
  private final ResultTable memory;

  private Hundred(int probes) {
    this.probes = probes;
    this.times = new ResultTable(probes + " probes at once", "ms");
    this.memory = new ResultTable("Memory of " + probes + " probes", "MiB");
  }

  static void measure(Path jar, boolean smoke) throws Exception {
    Hundred hundred = new Hundred(smoke ? 3 : 100);
    for (int round = 0; round < (smoke ? 1 : 3); round++) {
      try (ScratchFolder cache = ScratchFolder.create()) {
        if (!smoke) {
          hundred.ours(jar, cache, "jargdist, different texts", hundred.differentSpecifiers());
          hundred.ours(jar, cache, "jargdist, never compiled before", hundred.specifiers());
        }
        hundred.ours(jar, cache, "jargdist, compiled before", hundred.specifiers());
        hundred.argdist(cache);
      }
    }
    hundred.times.print();
    System.out.println();
    hundred.memory.print();
  }

  private void ours(Path jar, ScratchFolder cache, String row, List<String> specifiers)
      throws Exception {
    try (Target target = Target.start(cache, List.of("-javaagent:" + jar));
        JargdistAgent agent = JargdistAgent.connect(target)) {
      StringBuilder line = new StringBuilder();
      specifiers.forEach(specifier -> line.append(" -H '").append(specifier).append("'"));
      long start = System.nanoTime();
      List<String> names = agent.execute(line.toString().strip()).lines().toList();
      times.add(row + ": attached", (System.nanoTime() - start) / 1e6);
      memory.add(row + ": processes", target.residentMebibytesOfDescendants());
      memory.add(row + ": kernel", ProcessFiles.kernelMebibytes(target.all()));
      start = System.nanoTime();
      for (String name : names) {
        agent.remove(name);
      }
      times.add(row + ": answered", (System.nanoTime() - start) / 1e6);
      while (ProcessFiles.attachments(target.all()) > 0) {
        Thread.onSpinWait();
      }
      times.add(row + ": detached", (System.nanoTime() - start) / 1e6);
    }
  }

  private void argdist(ScratchFolder cache) throws IOException {
    try (Target target = Target.start(cache, List.of())) {
      List<String> arguments = new ArrayList<>(List.of("-v", "-p", target.pid()));
      for (String specifier : specifiers()) {
        arguments.addAll(List.of("-H", specifier));
      }
      long start = System.nanoTime();
      Watcher watcher = Watcher.start("open uprobes", Argdist.command(arguments));
      times.add("argdist: attached", (System.nanoTime() - start) / 1e6);
      memory.add("argdist: process", ProcessFiles.residentMebibytes(watcher.handle().pid()));
      memory.add("argdist: kernel", ProcessFiles.kernelMebibytes(List.of(watcher.handle())));
      start = System.nanoTime();
      watcher.close();
      times.add("argdist: detached", (System.nanoTime() - start) / 1e6);
    } catch (IOException e) {
      System.out.printf(
          Locale.ROOT, "argdist is left out, it does not work here: %s%n", e.getMessage());
    }
  }

  /** They differ in a number, so argdist has a program for each, and jargdist one text for all. */
  private List<String> specifiers() {
    List<String> specifiers = new ArrayList<>();
    for (int i = 0; i < probes; i++) {
      specifiers.add("p:c:write(int fd, void *buf, size_t count):size_t:count:count>" + (4096 + i));
    }
    return specifiers;
  }

  /** They differ in their structure: each has a text of its own. */
  private List<String> differentSpecifiers() {
    List<String> specifiers = new ArrayList<>();
    for (int i = 0; i < probes; i++) {
      String plus = "+1".repeat(1 + i % 10);
      String minus = "-1".repeat(i / 10);
      specifiers.add(
          "p:c:write(int fd, void *buf, size_t count):size_t:count:count>4096" + plus + minus);
    }
    return specifiers;
  }
}
