/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.soak;

import io.jargdist.samples.bench.ScratchFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Probes the return instructions of the busiest functions of libjvm, in a JVM under load, with each
 * collector. Each call must be seen twice, at its entry and at its return, and the JVM must live.
 *
 * <pre>{@code
 * ReturnsSoak JARGDIST-JAR SECONDS JAVA-HOME...
 * }</pre>
 */
public final class ReturnsSoak {
  private static final List<String> COLLECTORS =
      List.of("UseG1GC", "UseParallelGC", "UseSerialGC", "UseZGC", "UseShenandoahGC");

  /** Functions of the collectors, the compilers, the interpreter's runtime, locks and threads. */
  private static final Pattern HOT =
      Pattern.compile(
          "_ZNK?\\d+(InterpreterRuntime|SharedRuntime|OptoRuntime|ObjectMonitor|ObjectSynchronizer"
              + "|G1|PS|Parallel|Serial|DefNew|TenuredGeneration|Z[A-Z]|Shenandoah|Collected|MemAllocator"
              + "|GC|Work|VMThread|VM_|VMOperation|Safepoint|Handshake|Thread|JavaThread|Compile|CodeCache"
              + "|Exceptions|java_lang|Deoptimization|Method|Symbol|SystemDictionary|Class|Link|Klass"
              + "|InstanceKlass|ConstantPool|JVM_|JNI|Rewriter|OopMap|nmethod|CodeBlob|PhaseIdeal|Node).*");

  /** So many functions are looked at for each that is probed. */
  private static final int CANDIDATES = 6;

  private static final int BATCH = 200;
  private static final int PROBED = 100;
  private static final int LOOK_SECONDS = 3;

  /** A probe that is hit more often would show how it slows a JVM, and little else. */
  private static final int MOST_HITS_A_SECOND = 3000;

  private static final Pattern ROW =
      Pattern.compile("\"name\":\"([pr]\\d+)\".*?\"count\":(\\d+),.*?\"lost\":(\\d+),");

  /** The specifier below a failure. */
  private static final Pattern CULPRIT = Pattern.compile("^  p:jvm:.*#p(\\d+)$", Pattern.MULTILINE);

  private final Path jar;
  private final int seconds;
  private final int functions;

  private ReturnsSoak(Path jar, int seconds, int functions) {
    this.jar = jar;
    this.seconds = seconds;
    this.functions = functions;
  }

  public static void main(String[] args) throws Exception {
    Path jar = Path.of(args[0]).toAbsolutePath();
    for (String home : List.of(args).subList(2, args.length)) {
      run(jar, Integer.parseInt(args[1]), PROBED, Path.of(home), COLLECTORS);
    }
    System.out.println("ok");
  }

  /**
   * @param seconds of each collector
   * @param functions how many are probed
   * @param collectors as the options of a JVM name them; those that it does not have are left out
   * @throws IllegalStateException with the first thing that is not as it must be
   */
  public static void run(Path jar, int seconds, int functions, Path home, List<String> collectors)
      throws Exception {
    ReturnsSoak soak = new ReturnsSoak(jar, seconds, functions);
    List<String> candidates = soak.candidates(home);
    for (String collector : collectors) {
      soak.run(home, collector, candidates);
    }
  }

  private record Seen(long counted, long lost) {}

  /** Returns functions whose return instructions are known, evenly chosen from all. */
  private List<String> candidates(Path home) throws IOException, InterruptedException {
    Path libjvm = home.resolve("lib/server/libjvm.so");
    List<String> found = new ArrayList<>();
    for (String line :
        run(List.of("placement", "--returns", "--all", libjvm.toString()))
            .printed()
            .split("\n", -1)) {
      // What the compiler made of functions has names that are not unique.
      Matcher matcher =
          Pattern.compile("([^\\s.]+)(?: = .*)?: \\d+ return instruction.*").matcher(line);
      if (matcher.matches() && HOT.matcher(matcher.group(1)).matches()) {
        found.add(matcher.group(1));
      }
    }
    Set<String> once = new HashSet<>();
    Set<String> more = new HashSet<>();
    found.forEach(name -> (once.add(name) ? once : more).add(name));
    found.removeAll(more);
    Collections.shuffle(found, new Random(1));
    return found;
  }

  private void run(Path home, String collector, List<String> candidates) throws Exception {
    String name = home.getFileName() + " " + collector;
    try (ScratchFolder folder = ScratchFolder.create()) {
      Path log = folder.path().resolve("log");
      Process load =
          new ProcessBuilder(
                  home.resolve("bin/java").toString(),
                  "-XX:+" + collector,
                  "-XX:+IgnoreUnrecognizedVMOptions",
                  "-Xmx512m",
                  "-XX:ErrorFile=" + folder.path().resolve("hs_err"),
                  "-cp",
                  System.getProperty("java.class.path"),
                  HotSpotLoad.class.getName())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        while (Files.size(log) == 0 && load.isAlive()) {
          TimeUnit.MILLISECONDS.sleep(100);
        }
        if (!load.isAlive()) {
          System.out.println(name + ": left out: " + Files.readString(log).strip());
          return;
        }
        soak(name, load, log, busiest(load, candidates));
      } finally {
        load.destroyForcibly().waitFor();
      }
    }
  }

  private List<String> busiest(Process load, List<String> candidates) throws Exception {
    Map<String, Long> hits = new HashMap<>();
    int most = Math.min(CANDIDATES * functions, candidates.size());
    for (int from = 0; from < most; from += BATCH) {
      List<String> batch = candidates.subList(from, Math.min(most, from + BATCH));
      Map<String, Seen> seen = seen(load, LOOK_SECONDS, batch, false);
      for (int i = 0; i < batch.size(); i++) {
        long counted = seen.getOrDefault("p" + i, new Seen(0, 0)).counted();
        if (counted > 0 && counted < (long) MOST_HITS_A_SECOND * LOOK_SECONDS) {
          hits.put(batch.get(i), counted);
        }
      }
    }
    return hits.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(functions)
        .map(Map.Entry::getKey)
        .toList();
  }

  private void soak(String name, Process load, Path log, List<String> functions) throws Exception {
    Map<String, Seen> seen = seen(load, seconds, functions, true);
    if (!load.isAlive()) {
      throw new IllegalStateException(name + " ended: " + Files.readString(log));
    }
    long entries = 0;
    long returns = 0;
    long lost = 0;
    List<String> wrong = new ArrayList<>();
    int threads = threads(load);
    for (int i = 0; i < functions.size(); i++) {
      Seen entry = seen.getOrDefault("p" + i, new Seen(0, 0));
      Seen back = seen.getOrDefault("r" + i, new Seen(0, 0));
      entries += entry.counted();
      returns += back.counted();
      lost += back.lost();
      // A call that has not returned yet is neither counted nor lost; each thread has a few.
      long open = entry.counted() - back.counted() - back.lost();
      if (open < 0 || open > threads) {
        wrong.add(functions.get(i) + " " + entry + " " + back);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d functions for %d s: %d entries, %d returns, %d lost, %d lines of the load%n",
        name,
        functions.size(),
        seconds,
        entries,
        returns,
        lost,
        Files.readAllLines(log).size());
    if (!wrong.isEmpty()) {
      throw new IllegalStateException(name + ": not each entry has its return: " + wrong);
    }
  }

  private static int threads(Process process) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return (int) tasks.count();
    }
  }

  private Map<String, Seen> seen(Process load, int time, List<String> functions, boolean returns)
      throws IOException, InterruptedException {
    Set<Integer> refused = new HashSet<>();
    while (true) {
      List<String> arguments =
          new ArrayList<>(List.of("-p", "" + load.pid(), "--json", "--max-overhead", "0"));
      arguments.addAll(List.of("-n", "1", "-i", "" + time));
      for (int i = 0; i < functions.size(); i++) {
        if (!refused.contains(i)) {
          arguments.addAll(List.of("-C", "p:jvm:" + functions.get(i) + "()#p" + i));
        }
        if (!refused.contains(i) && returns) {
          arguments.addAll(List.of("-C", "r:jvm:" + functions.get(i) + "():int:0#r" + i));
        }
      }
      Result result = run(arguments);
      Matcher culprit = CULPRIT.matcher(result.errors());
      if (result.exit() == 0) {
        Map<String, Seen> seen = new HashMap<>();
        Matcher rows = ROW.matcher(result.printed());
        while (rows.find()) {
          seen.put(
              rows.group(1),
              new Seen(Long.parseLong(rows.group(2)), Long.parseLong(rows.group(3))));
        }
        return seen;
      } else if (returns || !culprit.find() || !refused.add(Integer.valueOf(culprit.group(1)))) {
        throw new IllegalStateException("jargdist: " + result.errors());
      }
      // The kernel does not probe an instruction with a lock prefix, for example.
    }
  }

  private record Result(int exit, String printed, String errors) {}

  private Result run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-jar"));
    command.add(jar.toString());
    command.addAll(arguments);
    Path errors = Files.createTempFile("jargdist", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), printed, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }
}
