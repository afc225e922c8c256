/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.soak;

import io.jargdist.samples.bench.ScratchFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two JVMs with the agent, for as long as is asked for. In both, probes are added and removed,
 * threads live for a few calls each. The bridge of one is killed in every round, once idle and once
 * among calls. Then all totals must be exact, but for what was lost with a bridge, which {@code
 * Lost} must say; and no file descriptor, thread, program, table, process or file may be left that
 * was not there after the first round.
 *
 * <pre>{@code
 * Soak JARGDIST-JAR SECONDS
 * }</pre>
 */
public final class Soak {
  private Soak() {}

  public static void main(String[] args) throws Exception {
    run(Path.of(args[0]).toAbsolutePath(), Duration.ofSeconds(Long.parseLong(args[1])));
    System.out.println("ok");
  }

  /**
   * @throws IllegalStateException with the first thing that is not as it must be
   */
  public static void run(Path jar, Duration duration) throws Exception {
    try (ScratchFolder cache = ScratchFolder.create();
        Soaked steady = new Soaked("steady", jar, cache);
        Soaked killed = new Soaked("killed", jar, cache)) {
      round(steady, killed);
      Resources steadyBefore = steady.settled();
      Resources killedBefore = killed.settled();
      SortedSet<String> filesBefore = files(cache);
      long start = System.nanoTime();
      int rounds = 1;
      while (System.nanoTime() - start < duration.toNanos()) {
        round(steady, killed);
        rounds++;
      }
      Resources steadyAfter = steady.awaitResources(steadyBefore);
      Resources killedAfter = killed.awaitResources(killedBefore);
      steady.removeAll();
      killed.removeAll();
      SortedSet<String> filesAfter = files(cache);
      System.out.printf(
          Locale.ROOT, "%d rounds in %d s%n", rounds, (System.nanoTime() - start) / 1_000_000_000);
      System.out.print(steady.report());
      System.out.println("  before " + steadyBefore);
      System.out.println("  after  " + steadyAfter);
      System.out.print(killed.report());
      System.out.println("  before " + killedBefore);
      System.out.println("  after  " + killedAfter);
      System.out.printf(
          Locale.ROOT, "files: %d before, %d after%n", filesBefore.size(), filesAfter.size());
      if (!filesBefore.containsAll(filesAfter)) {
        filesAfter.removeAll(filesBefore);
        throw new IllegalStateException("files are left: " + filesAfter);
      }
    }
  }

  private static void round(Soaked steady, Soaked killed) throws Exception {
    steady.round(false);
    killed.round(true);
    killed.killIdle();
    killed.killBusy();
  }

  private static SortedSet<String> files(ScratchFolder cache) throws IOException {
    try (Stream<Path> files = Files.walk(cache.path())) {
      return files
          .map(file -> cache.path().relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
