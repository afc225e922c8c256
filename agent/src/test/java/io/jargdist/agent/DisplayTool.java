/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.samples.bench.Argdist;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A run of bcc's argdist, repaired, or of ours, that prints at intervals. */
final class DisplayTool implements AutoCloseable {
  /** An emulated processor takes minutes to compile the kernel's headers. */
  private static final Duration PATIENCE = Duration.ofMinutes(Patience.isAsked() ? 10 : 2);

  private final Process process;
  private final Path out;
  private final Path err;

  private DisplayTool(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Skips the test if argdist cannot run here. */
  static void needArgdist() throws IOException {
    Path headers = Path.of("/lib/modules", release(), "build");
    Skips.unless(Files.exists(Argdist.PROGRAM), "argdist is not here (Debian: bpfcc-tools)");
    Skips.unless(Files.exists(headers), headers + " is not here (Debian: linux-headers-amd64)");
    Skips.unless("root".equals(System.getProperty("user.name")), "argdist needs root");
  }

  static DisplayTool argdist(List<String> arguments) throws IOException {
    return start(Argdist.command(arguments), List.of());
  }

  /** Ours, without the limit to what probes may cost, which argdist does not have. */
  static DisplayTool jargdist(List<String> arguments) throws IOException {
    return start(
        List.of(
            Jdks.own().resolve("bin/java").toString(),
            "-jar",
            Target.JAR.toString(),
            "--max-overhead",
            "0"),
        arguments);
  }

  private static DisplayTool start(List<String> command, List<String> arguments)
      throws IOException {
    List<String> words = new ArrayList<>(command);
    words.addAll(arguments);
    Path out = Files.createTempFile("tool", ".out");
    Path err = Files.createTempFile("tool", ".err");
    return new DisplayTool(
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start(),
        out,
        err);
  }

  /** Returns the number of prints that have begun. */
  private long prints() throws IOException {
    return lines().stream().filter(DisplayTool::isClock).count();
  }

  void awaitFirstPrint() {
    awaitPrints(1);
  }

  /** A failure shows what was printed instead. */
  private void awaitPrints(long number) {
    await()
        .atMost(PATIENCE)
        .failFast("it has ended", () -> assertThat(process.isAlive()).as(text()).isTrue())
        .untilAsserted(() -> assertThat(prints()).as(text()).isGreaterThanOrEqualTo(number));
  }

  private String text() throws IOException {
    return errors() + Files.readString(out);
  }

  /**
   * The next print but one, without what only we print: what was lost. The next one may show what
   * was read before now.
   */
  List<String> nextPrint() throws IOException {
    return nextPrints(this).get(0);
  }

  /** The same of each of the tools, waiting for all at once. */
  static List<List<String>> nextPrints(DisplayTool... tools) throws IOException {
    List<Long> before = new ArrayList<>();
    for (DisplayTool tool : tools) {
      before.add(tool.prints());
    }
    List<List<String>> prints = new ArrayList<>();
    for (DisplayTool tool : tools) {
      prints.add(tool.printAfter(before.get(prints.size())));
    }
    return prints;
  }

  private List<String> printAfter(long before) throws IOException {
    awaitPrints(before + 3);
    List<String> found = new ArrayList<>();
    long print = 0;
    for (String line : lines()) {
      if (isClock(line)) {
        print++;
      } else if (print == before + 2 && !line.startsWith("lost ")) {
        found.add(line);
      }
    }
    return found;
  }

  /** Waits until it has ended by itself; answers its exit status. */
  int exit() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** All that it has printed, a line each. */
  List<String> lines() throws IOException {
    // argdist says nothing of a histogram without events (docs/specifier-language.md).
    return Files.readString(out, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.endsWith(" : no events"))
        .toList();
  }

  String errors() throws IOException {
    return Files.readString(err);
  }

  static boolean isClock(String line) {
    return line.matches("\\[\\d\\d:\\d\\d:\\d\\d]");
  }

  /** The path of a JVM's libjvm, which argdist must be told. */
  static String libjvm(long pid) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid), "maps"))
        .lines()
        .filter(line -> line.endsWith("/libjvm.so"))
        .map(line -> line.substring(line.indexOf('/')))
        .findFirst()
        .orElseThrow();
  }

  private static String release() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    Files.delete(out);
    Files.delete(err);
  }
}
