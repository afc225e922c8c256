/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.FirstByte;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.NewText;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever happens to jargdist's processes, the target goes on; nothing of ours is left behind. */
class IsolationIT {
  private static final String READS = "r:c:read():u64:$retval:$retval==4099#reads";

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void targetLoadsNothingNativeAndNoThirdPartyClass(Path jdk) throws Exception {
    try (Target target =
        Target.withAgent(jdk, "-H '" + READS + "' -C 'p:c:fsync()#syncs'").awaitAgent()) {
      await().until(() -> target.has(Target.frequency("syncs")));
      target.run("read 101 4099");
      assertThat(target.attribute(Target.histogram("reads"), "Count")).isEqualTo(101L);
      assertThat(Files.readString(Path.of("/proc/" + target.pid() + "/maps")))
          .doesNotContain("jffi")
          .doesNotContain("libbcc")
          .doesNotContain("libLLVM")
          .doesNotContain("/.cache/");
      Command.Result classes =
          Command.run(
              List.of(
                  jdk.resolve("bin/jcmd").toString(),
                  Long.toString(target.pid()),
                  "VM.class_hierarchy"));
      assertThat(classes.out()).contains("io.jargdist.agent.Agent/");
      assertThat(classes.out().lines())
          .noneMatch(
              line ->
                  line.matches(
                      ".*--(jnr|com\\.kenai|picocli|net\\.bytebuddy|org\\.objectweb)\\..*"))
          .noneMatch(
              line ->
                  line.matches(
                      ".*--io\\.jargdist\\.(kernel|bcc|compile|resolve|codegen|cli)\\..*"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void killedBridgeIsReplacedAndProbesGoOn(Path jdk) throws Exception {
    try (Target target = Target.withAgent(jdk, "").awaitAgent()) {
      String reads = target.add("histogram", READS);
      // The probe is at the first byte, so that we know where to look.
      target.agent("execute", "--no-placement -C 'p:c:fsync()#syncs'");
      String syncs = "syncs";
      target.run("read 211 4099");
      assertThat(target.attribute(Target.histogram(reads), "Count")).isEqualTo(211L);
      ProcessHandle bridge = target.children("BridgeMain").get(0);
      FirstByte fsync = FirstByte.of(target, "p:c:fsync()");
      assertThat(fsync.isBreakpoint()).isTrue();
      List<String> news = new CopyOnWriteArrayList<>();
      target
          .mbeans()
          .addNotificationListener(
              new ObjectName("jargdist:type=Agent"),
              (n, handback) -> news.add(n.getType() + " " + n.getUserData()),
              null,
              null);

      bridge.destroyForcibly();
      await().pollInterval(Duration.ofMillis(2)).until(fsync::isOriginal);
      await()
          .until(
              () ->
                  "running".equals(target.attribute(Target.histogram(reads), "State"))
                      && "running".equals(target.attribute(Target.frequency(syncs), "State")));
      await()
          .untilAsserted(
              () ->
                  assertThat(news)
                      .containsExactly(
                          "jargdist.probe.failed " + reads,
                          "jargdist.probe.failed " + syncs,
                          "jargdist.probe.recovered " + reads,
                          "jargdist.probe.recovered " + syncs));
      target.run("read 211 4099");
      target.run("fsync 53");
      assertThat(target.attribute(Target.histogram(reads), "Count")).isEqualTo(422L);
      assertThat(target.attribute(Target.histogram(reads), "Lost")).isEqualTo(1L);
      assertThat((String) target.attribute(Target.histogram(reads), "LostDetail"))
          .contains("bridge restarted");
      assertThat(target.attribute(Target.frequency(syncs), "Count")).isEqualTo(53L);
      assertThat(target.children("BridgeMain")).hasSize(1).doesNotContain(bridge);
    }
  }

  /**
   * A thread that adds a probe may notice first that the bridge is gone, and have another one
   * started.
   */
  @Test
  void addingAProbeWhileTheBridgeDiesLosesNone() throws Exception {
    try (Target target = Target.withAgent(Jdks.own(), "").awaitAgent()) {
      List<String> names = new ArrayList<>();
      names.add(target.add("count", "p:c:fsync()#syncs0"));
      for (int round = 1; round <= 3; round++) {
        target.children("BridgeMain").get(0).destroyForcibly();
        // Asked of the bridge that is ending, it may be refused.
        String specifier = "p:c:fsync()#syncs" + round;
        await().ignoreExceptions().until(() -> names.add(target.add("count", specifier)));
        for (String name : names) {
          await().until(() -> "running".equals(target.attribute(Target.frequency(name), "State")));
        }
        target.run("fsync 53");
        for (int i = 0; i < names.size(); i++) {
          long rounds = (long) round - Math.max(0, i - 1);
          assertThat(target.attribute(Target.frequency(names.get(i)), "Count"))
              .as(names.get(i) + ", round " + round)
              .isEqualTo(53 * rounds);
        }
        assertThat(target.children("BridgeMain")).hasSize(1);
      }
    }
  }

  @Test
  void killedCompilerIsReplaced() throws Exception {
    try (Target target = Target.withAgent(Jdks.own(), "").awaitAgent()) {
      target.add("count", "p:c:fsync():u64:" + NewText.expression() + "#first");
      List<ProcessHandle> compilers = target.children("CompilerMain");
      assertThat(compilers).hasSize(1);
      compilers.get(0).destroyForcibly();
      await().until(() -> !compilers.get(0).isAlive());
      target.add("count", "p:c:fsync():u64:" + NewText.expression() + "#second");
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency("first"), "Count")).isEqualTo(53L);
      assertThat(target.attribute(Target.frequency("second"), "Count")).isEqualTo(53L);
      // Idle, it goes.
      await().atMost(Patience.seconds(20)).until(() -> target.children("CompilerMain").isEmpty());
    }
  }

  @Test
  void killedCommandLineTakesItsProbesWithIt() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      Process commandLine = Command.start(target, "--publish", "-C", "p:c:fsync()#syncs");
      await().until(() -> target.has(Target.frequency("syncs")));
      commandLine.destroyForcibly();
      await().until(() -> !target.has(Target.frequency("syncs")));
      await().atMost(Patience.seconds(20)).until(() -> target.process().descendants().count() == 0);
      target.run("fsync 5");
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void bridgeEndsWithTheJvmWithinTwoSeconds(Path jdk) throws Exception {
    try (Target target = Target.withAgent(jdk, "").awaitAgent()) {
      for (int i = 0; i < 8; i++) {
        target.add("count", "p:c:fsync()#syncs");
      }
      List<ProcessHandle> children = target.process().descendants().toList();
      assertThat(children).isNotEmpty();
      target.process().destroyForcibly();
      await()
          .atMost(Duration.ofSeconds(2))
          .until(() -> children.stream().noneMatch(Target::isRunning));
    }
  }

  @Test
  void agentInTheEnvironmentDoesNotReachTheChildren() throws Exception {
    try (Target target =
        Target.start(
                Jdks.own(), null, List.of(), "env", "JAVA_TOOL_OPTIONS=-javaagent:" + Target.JAR)
            .awaitAgent()) {
      target.add("count", "p:c:fsync()#syncs");
      ProcessHandle bridge = target.children("BridgeMain").get(0);
      assertThat(Files.readString(Path.of("/proc/" + bridge.pid() + "/environ")))
          .doesNotContain("JAVA_TOOL_OPTIONS");
      assertThat(target.children("BridgeMain")).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void applicationMayStillChooseItsLogManager(Path jdk) throws Exception {
    Path source = Files.createTempFile("LateLogging", ".java");
    Files.writeString(
        source,
        """
        public class LateLogging {
          public static class Manager extends java.util.logging.LogManager {}
          public static void main(String[] args) throws Exception {
            // Application servers do this late, and after they have used other classes of the JDK.
            Thread.sleep(700);
            System.setProperty("java.util.logging.manager", Manager.class.getName());
            System.out.println(java.util.logging.LogManager.getLogManager().getClass().getSimpleName());
          }
        }
        """);
    Path folder = Files.createTempDirectory("late-logging");
    try {
      Path named = Files.move(source, folder.resolve("LateLogging.java"));
      Command.run(List.of(jdk.resolve("bin/javac").toString(), named.toString()));
      Command.Result result =
          Command.run(
              List.of(
                  jdk.resolve("bin/java").toString(),
                  "-javaagent:" + Target.JAR + "=-C p:c:fsync()#syncs",
                  "-cp",
                  folder.toString(),
                  "LateLogging"));
      assertThat(result.out()).isEqualTo("Manager\n");
      assertThat(result.err()).isEmpty();
      assertThat(result.exit()).isZero();
    } finally {
      Command.run(List.of("rm", "-r", folder.toString()));
    }
  }
}
