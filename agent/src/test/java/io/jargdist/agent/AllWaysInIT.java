/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes of the JVM's start, of a JMX client, of jcmd and of command lines live side by side. */
class AllWaysInIT {
  private static final String SYNCS = "p:c:fsync()";

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eachProbeCountsForItselfWhoeverAskedForIt(Path jdk) throws Exception {
    try (Target target = Target.withAgent(jdk, "-C '" + SYNCS + "#atStart'").awaitAgent()) {
      await().until(() -> target.has(Target.frequency("atStart")));
      target.run("fsync 53");
      target.add("count", SYNCS + "#byJmx");
      target.loadAgent(jdk, "-C '" + SYNCS + "#by jcmd' --table-entries 8");
      await().until(() -> target.has(Target.frequency("by_jcmd")));
      target.run("fsync 59");
      Process commandLine = commandLine(target);
      await().until(() -> target.has(Target.frequency("byCommand")));
      target.run("fsync 61");
      assertThat(count(target, "atStart")).isEqualTo(53 + 59 + 61);
      assertThat(count(target, "byJmx")).isEqualTo(59 + 61);
      assertThat(count(target, "by_jcmd")).isEqualTo(59 + 61);
      assertThat(count(target, "byCommand")).isEqualTo(61);

      target.agent("remove", "byJmx");
      target.agent("remove", "by_jcmd");
      try (BufferedReader out = commandLine.inputReader()) {
        assertThat(out.lines()).contains("\t61         total calls");
      }
      assertThat(commandLine.waitFor()).isZero();
      await().until(() -> !target.has(Target.frequency("byCommand")));
      target.run("fsync 67");
      assertThat(count(target, "atStart")).isEqualTo(53 + 59 + 61 + 67);
      assertThat((ObjectName[]) target.agentAttribute("Probes"))
          .containsExactly(Target.frequency("atStart"));
    }
  }

  /** Prints once, all that it has counted. */
  private static Process commandLine(Target target) throws Exception {
    String pid = Long.toString(target.pid());
    String java = Jdks.own().resolve("bin/java").toString();
    String specifier = SYNCS + "#byCommand";
    return new ProcessBuilder(
            java,
            "-jar",
            Target.JAR.toString(),
            "-p",
            pid,
            "--publish",
            "-C",
            specifier,
            "-i",
            "3",
            "-n",
            "1")
        .start();
  }

  private static long count(Target target, String name) throws Exception {
    return (Long) target.attribute(Target.frequency(name), "Count");
  }
}
