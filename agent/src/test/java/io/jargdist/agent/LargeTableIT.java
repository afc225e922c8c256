/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table of many keys is counted and read exactly, and harms no other probe. */
class LargeTableIT {
  private static final int KEYS = 300_000;

  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    target =
        HardCalls.start(
                Jdks.own(),
                "-C 'p:%1$s:hard_call(long value):u64:value#large' -C 'p:%1$s:hard_call()#neighbour'"
                        .formatted(HardCalls.library())
                    + " --max-overhead 0"
                    + " --table-entries "
                    + KEYS)
            .awaitAgent();
    await().until(() -> target.has(Target.frequency("neighbour")));
  }

  @AfterAll
  static void stop() throws Exception {
    target.close();
  }

  private static Object get(String probe, String attribute) throws Exception {
    return target.attribute(Target.frequency(probe), attribute);
  }

  @Test
  void eachKeyIsReadOnceAndTheNeighbourIsUndisturbed() throws Exception {
    assertThat(get("large", "State")).isEqualTo("running");
    long bridge = target.children("BridgeMain").get(0).pid();
    for (long round = 1; round <= 2; round++) {
      target.run("call " + KEYS + " " + KEYS + " 1");
      for (int reading = 0; reading < 2; reading++) {
        assertThat(get("large", "Count")).isEqualTo(round * KEYS);
        assertThat(get("large", "Lost")).isEqualTo(0L);
        assertThat(get("neighbour", "Count")).isEqualTo(round * KEYS);
      }
    }
    assertThat(target.children("BridgeMain").stream().map(ProcessHandle::pid))
        .as("the bridge that there was before")
        .containsExactly(bridge);
    assertThat(get("neighbour", "LastError")).isEqualTo("");
    String rows = (String) target.mbeans().invoke(Target.frequency("large"), "dump", null, null);
    List<String> counted = rows.lines().skip(2).toList();
    assertThat(counted).doesNotHaveDuplicates();
    assertThat(counted).filteredOn(row -> row.strip().startsWith("2 ")).hasSize(KEYS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Each with what is said of it.
        "--table-entries 100000000 | --table-entries takes a number from 1 to 1000000, not 100000000",
        "--call-entries 100000000 | --call-entries takes a number from 1 to 1000000, not 100000000",
        "-z 2147483647 | --string-size (-z) takes a number from 1 to 4096, not 2147483647",
        "-z 300 --table-entries 1000000 | use --table-entries 349525 at most",
      })
  void tablesThatTakeTheMachinesMemoryAreRefused(String example) throws Exception {
    String[] parts = example.split(" \\| ");
    long before = freeMemory();
    String text = "r:c:getenv(char *name):char*:$entry(name)";
    Command.Result result =
        Command.jargdist(
            Stream.concat(
                    Arrays.stream(parts[0].split(" ")),
                    Stream.of("-p", Long.toString(target.pid()), "-d", "1", "-C", text))
                .toArray(String[]::new));
    assertThat(result.err()).contains(parts[1]);
    assertThat(result.exit()).isNotZero();
    assertThat(target.agent("execute", "help")).isNotNull();
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> target.agent("execute", parts[0] + " -C '" + text + "'")))
        .hasStackTraceContaining(parts[1]);
    assertThat(before - freeMemory()).as("taken, in kB").isLessThan(1 << 20);
  }

  private static long freeMemory() throws Exception {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
