/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.samples.bench.Bench;
import io.jargdist.testing.Target;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The benchmarks of probes run, and have all their rows of jargdist; how long they take, no test
 * says.
 */
class BenchIT {
  @Test
  void benchmarksOfProbesHaveTheirRows() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      CompletableFuture.allOf(
              Stream.of("hits", "many", "hundred", "reads", "price")
                  .map(benchmark -> CompletableFuture.runAsync(() -> run(benchmark)))
                  .toArray(CompletableFuture<?>[]::new))
          .join();
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(UTF_8);
    assertThat(text.lines().filter(line -> line.startsWith("  jargdist, --no-placement ")))
        .describedAs(text)
        .hasSize(4);
    assertThat(text)
        .contains("  empty program, at jargdist's place ")
        .contains("  empty programs, at jargdist's places ")
        .contains("  push extended ")
        .contains("  2 probes ")
        .contains("  jargdist, filtered out ")
        .contains("  jargdist, compiled before: detached ")
        .contains("  jargdist, compiled before: kernel ")
        .contains("  jargdist, 65 x 32 slots ")
        .contains("  jargdist, 10 keys ")
        .contains("  uprobe and uretprobe ")
        .doesNotContain("jargdist is left out");
  }

  private static void run(String benchmark) {
    try {
      Bench.run(Target.JAR, List.of(benchmark), true);
    } catch (Exception e) {
      throw new IllegalStateException(benchmark, e);
    }
  }
}
