/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code java -jar jargdist.jar} on a JVM that was started without the agent. */
class CommandLineIT {
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void countsExactlyAndPrintsAsArgdistDoes(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of())) {
      String specifier = "p:c:write(int fd, void *b, size_t n):size_t:n:n==4099";
      Process process =
          Command.start(
              target,
              "--publish",
              "-H",
              "p:c:write(int fd, void *b, size_t n):size_t:n:n==4099#sizes",
              "-C",
              specifier,
              "-c",
              "-n",
              "4");
      await().until(() -> target.has(Target.histogram("sizes")));
      target.run("write 1009 4099");
      List<String> lines = new ArrayList<>();
      try (BufferedReader out = process.inputReader()) {
        out.lines().forEach(lines::add);
      }
      assertThat(process.waitFor()).isZero();
      // The last of the cumulative prints has everything: counts first, then histograms.
      List<String> last = lines.subList(lines.lastIndexOf(specifier) - 1, lines.size());
      assertThat(last.get(0)).matches("\\[\\d\\d:\\d\\d:\\d\\d]");
      assertThat(last.get(2)).isEqualTo("\tCOUNT      EVENT");
      assertThat(last.get(3)).isEqualTo("\t1009       n = 4099");
      assertThat(last.get(4)).isEqualTo("     sizes               : count     distribution");
      assertThat(last.get(last.size() - 1))
          .isEqualTo(
              "      4096 -> 8191       : 1009     |****************************************|");
      await().until(() -> !target.has(Target.histogram("sizes")));
    }
  }

  @Test
  void refusedSpecifierIsExitCodeOneWithTheCaret() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      Result result =
          Command.jargdist("-p", Long.toString(target.pid()), "-C", "p:c:write(int fd):int:fdd");
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.err())
          .isEqualTo(
              """
              jargdist: expression: unknown name "fdd"
                p:c:write(int fd):int:fdd
                                      ^^^
              hint: did you mean fd?
              """);
      assertThat(result.out()).isEmpty();
    }
  }

  @Test
  void programIsPrintedWithoutAttaching() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      Result result =
          Command.jargdist(
              "--ebpf", "-p", Long.toString(target.pid()), "-H", "r:c:read():u64:$latency");
      assertThat(result.exit()).isZero();
      assertThat(result.out())
          .contains("would attach: uprobe ")
          .contains("uretprobe ")
          .contains("int probe(struct pt_regs *ctx)");
    }
  }

  @Test
  void saysWhereFunctionsAreProbedAndWhy() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      String pid = Long.toString(target.pid());
      Result placed = Command.jargdist("--ebpf", "-p", pid, "-H", "r:c:read():u64:$latency");
      assertThat(placed.out())
          .containsPattern("would attach: uretprobe .*:read(\\+\\d+)? \\(.+\\)\n");
      Result atEntry =
          Command.jargdist("--ebpf", "--no-placement", "-p", pid, "-H", "r:c:read():u64:$latency");
      assertThat(atEntry.out()).containsPattern("would attach: uretprobe .*:read\n");
      String libc = "/proc/" + pid + "/root/lib/x86_64-linux-gnu/libc.so.6";
      String libjvm = Jdks.own().resolve("lib/server/libjvm.so").toString();
      CompletableFuture<List<String>> exported =
          CompletableFuture.supplyAsync(() -> rows("placement", libc));
      assertThat(rows("placement", "--all", "--most", "2000", libjvm)).hasSize(2000);
      assertThat(exported.join()).hasSizeGreaterThan(2000);
    }
  }

  /** Each has a decision and its reason. */
  private static List<String> rows(String... command) {
    List<String> rows;
    try {
      rows = Command.jargdist(command).out().lines().toList();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    List<String> functions = rows.subList(0, rows.size() - 1);
    assertThat(rows.get(functions.size())).startsWith(functions.size() + " functions: ");
    assertThat(functions)
        .allMatch(row -> row.matches("[\\w.$@]+( = [\\w.$@]+)*\\+\\d+ .+"))
        .anyMatch(row -> row.matches(".*\\+0 it begins with a push, which the kernel emulates"))
        .anyMatch(row -> row.matches(".*\\+[1-9]\\d* a .*, which the kernel emulates"))
        .anyMatch(row -> row.matches(".*\\+0 \\w+ .* changes %\\w+"));
    return functions;
  }

  @Test
  void listsTheJvmsButNotItsOwn() throws Exception {
    try (Target target = Target.withAgent(Jdks.own(), "").awaitAgent()) {
      target.add("count", "p:c:fsync()");
      List<ProcessHandle> own = target.process().descendants().toList();
      assertThat(own).isNotEmpty();
      Result result = Command.jargdist("list");
      assertThat(result.exit()).isZero();
      assertThat(result.out().lines())
          .anyMatch(line -> line.startsWith(target.pid() + " root "))
          .noneMatch(line -> own.stream().anyMatch(child -> line.startsWith(child.pid() + " ")));
    }
  }

  @Test
  void helpHasExamples() throws Exception {
    Result result = Command.jargdist("--help");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).contains("-H 'r:c:read():int:$retval#read sizes'");
  }
}
