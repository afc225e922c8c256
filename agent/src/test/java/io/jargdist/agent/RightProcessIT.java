/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Only the events of the one process are counted, wherever it is and whatever it runs. */
class RightProcessIT {
  private static final String SEEK = "p:c:lseek64(int fd, long offset):long:offset:offset==4099";
  private static final String SEEK_RETURN =
      "r:c:lseek64(int fd, long offset):u64:$latency>0:$entry(offset)==4099";
  private static final String SEEK_CALL =
      "t:syscalls:sys_enter_lseek():long:args->offset:args->offset==4099";
  private static final String PARK = "u:jvm:thread__park__begin():int:1";

  private static void add(Target target, String options, String... specifiers) throws Exception {
    for (int i = 0; i < specifiers.length; i++) {
      target.agent("execute", options + " -C '" + specifiers[i] + "#p" + i + "'");
    }
  }

  private static List<Long> counts(Target target, int probes) throws Exception {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < probes; i++) {
      assertThat(target.attribute(Target.frequency("p" + i), "Lost")).isEqualTo(0L);
      counts.add((Long) target.attribute(Target.frequency("p" + i), "Count"));
    }
    return counts;
  }

  @Test
  void insideAPidNamespaceWithTheNumberOfABusyProcessOutside() throws Exception {
    // This leaves out the file for performance data, whose name has only the number in it.
    try (Target outside =
        HardCalls.start(Jdks.own(), null, "env", "JDK_JAVA_OPTIONS=-XX:-UsePerfData")) {
      String[] behind = {
        "unshare",
        "--pid",
        "--fork",
        "--mount-proc",
        "--kill-child",
        "sh",
        "-c",
        "echo " + (outside.pid() - 1) + " > /proc/sys/kernel/ns_last_pid; \"$@\"; exit",
        "sh"
      };
      try (Target inside = HardCalls.start(Jdks.own(), "", behind).awaitAgent()) {
        assertThat(Target.ownNumber(Path.of("/proc/" + inside.pid())))
            .isEqualTo(Math.toIntExact(outside.pid()));
        add(inside, "", SEEK, SEEK_RETURN, SEEK_CALL);
        int main = inside.mainThread();
        inside.agent("execute", "-t " + main + " -C '" + SEEK + "#p3'");
        inside.agent("execute", "-t " + main + " -C '" + SEEK_CALL + "#p4'");
        inside.agent("execute", "-t " + main + " -C '" + PARK + "#p5'");
        inside.agent("execute", "-t " + outside.pid() + " -C '" + SEEK + "#p6'");
        outside.run("seek 500");
        outside.run("park 500");
        inside.run("seek 211");
        inside.run("park 53");
        outside.run("seek 500");
        assertThat(counts(inside, 7)).containsExactly(211L, 211L, 211L, 211L, 211L, 53L, 0L);
        inside.run("exit 100 0 8");
        assertThat(counts(inside, 3)).containsExactly(211L, 211L, 211L);
      }
    }
  }

  @Test
  void onlyOneThread() throws Exception {
    try (Target target = HardCalls.start(Jdks.own(), "").awaitAgent()) {
      int main = target.mainThread();
      add(target, "-t " + main, SEEK, SEEK_RETURN, SEEK_CALL, PARK);
      target.agent("execute", "-t " + target.pid() + " -C '" + SEEK + "#p4'");
      target.run("seek 211");
      target.run("park 53");
      assertThat(counts(target, 5)).containsExactly(211L, 211L, 211L, 53L, 0L);
      assertThatThrownBy(() -> target.agent("execute", "-t 1 -C '" + SEEK + "'"))
          .hasMessageContaining("has no thread 1 (-t)");
    }
  }

  @Test
  void childrenAreNotCounted() throws Exception {
    try (Target target = HardCalls.start(Jdks.own(), "").awaitAgent()) {
      String call = HardCalls.library() + ":hard_call(long value):long:";
      add(
          target,
          "",
          "p:" + call + "value",
          "r:" + call + "$entry(value)",
          "r:" + call + "$retval");
      // The child of a vfork shares the memory, and with it the breakpoints.
      target.run("child 53 1");
      target.run("child 53 0");
      assertThat(counts(target, 3)).containsExactly(0L, 0L, 0L);
      target.run("call 11 1 1");
      assertThat(counts(target, 3)).containsExactly(11L, 11L, 11L);
    }
  }

  @Test
  void libraryThatWasReplacedOnDiskIsStillTheOneThatRuns() throws Exception {
    Path folder = Files.createTempDirectory("libc");
    Path libc = folder.resolve("libc.so.6");
    try {
      Files.copy(mappedLibc(), libc);
      try (Target target =
          HardCalls.start(Jdks.own(), "", "env", "LD_LIBRARY_PATH=" + folder).awaitAgent()) {
        Path other = Files.copy(mappedLibc(), folder.resolve("new"));
        Files.move(other, libc, StandardCopyOption.REPLACE_EXISTING);
        assertThat(Files.readString(Path.of("/proc/" + target.pid() + "/maps")))
            .contains(libc + " (deleted)");
        add(target, "", SEEK, SEEK_RETURN);
        target.run("seek 211");
        assertThat(counts(target, 2)).containsExactly(211L, 211L);
      }
    } finally {
      Command.run(List.of("rm", "-r", folder.toString()));
    }
  }

  private static Path mappedLibc() throws Exception {
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    return self.files().stream()
        .filter(file -> file.name().startsWith("libc.so") || file.name().startsWith("libc-2"))
        .map(file -> Path.of(file.path()))
        .findFirst()
        .orElseThrow();
  }

  /** Its JDK is at a place that no other process sees. */
  @Test
  void insideAPrivateMountNamespace() throws Exception {
    Path place = Files.createTempDirectory("jdk");
    String[] behind = {
      "unshare",
      "--mount",
      "sh",
      "-c",
      "mount --bind \"$0\" \"$1\"; shift; exec \"$@\"",
      Jdks.own().toString(),
      place.toString()
    };
    try (Target target = HardCalls.start(place, "", behind).awaitAgent()) {
      assertThat(place.resolve("bin")).doesNotExist();
      add(target, "", SEEK, PARK);
      String outside = "p:jvm:JVM_GC()";
      try (TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()))) {
        assertThat(
                new Resolver(libraries, new KernelTypes(), new Warnings())
                    .resolve(SpecifierParser.parse(outside, Form.FREQUENCY))
                    .toString())
            .contains(place + "/lib/server/libjvm.so:JVM_GC");
      }
      target.run("seek 211");
      target.run("park 53");
      assertThat(counts(target, 2).get(0)).isEqualTo(211L);
      assertThat(counts(target, 2).get(1)).isGreaterThanOrEqualTo(53L);
    } finally {
      Files.delete(place);
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void otherProcessesAreCountedOnlyWithPermission(Path jdk) throws Exception {
    try (Target other = HardCalls.start(jdk, null);
        Target target = HardCalls.start(jdk, "").awaitAgent()) {
      assertThatThrownBy(() -> target.agent("execute", "--scope system -C '" + SEEK + "'"))
          .hasMessageContaining("may not count other processes")
          .hasMessageContaining("--allow system-scope");
      assertThatThrownBy(() -> target.agent("execute", "--allow system-scope"))
          .hasMessageContaining("--allow is for whoever starts the agent");
      String pid = Long.toString(target.pid());
      Command.Result refused = Command.jargdist("attach", pid, "--scope", "system", "-C", SEEK);
      assertThat(refused.exit()).isEqualTo(3);
      assertThat(refused.err())
          .contains("--allow system-scope")
          .contains("as root: java -jar jargdist.jar -p " + pid + " --scope system ...");

      target.loadAgent(jdk, "--allow system-scope");
      add(target, "--scope system", SEEK, SEEK_RETURN, SEEK_CALL);
      target.agent("execute", "--scope process -C '" + SEEK + "#p3'");
      target.run("seek 211");
      other.run("seek 53");
      assertThat(counts(target, 4)).containsExactly(264L, 264L, 264L, 211L);
    }
  }

  /** The bridge decides: here this is root's command line, which attaches what was typed there. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void rootCountsOtherProcessesWithoutARestart(Path jdk) throws Exception {
    try (Target other = HardCalls.start(jdk, null);
        Target target = HardCalls.start(jdk, "").awaitAgent()) {
      Process command =
          Command.start(
              target,
              "--publish",
              "--scope",
              "system",
              "-i",
              "600",
              "-C",
              SEEK + "#p0",
              "-C",
              SEEK_CALL + "#p1");
      try {
        await().until(() -> target.has(Target.frequency("p1")));
        assertThatThrownBy(() -> target.agent("execute", "--scope system -C '" + SEEK + "'"))
            .hasMessageContaining("may not count other processes");
        target.run("seek 211");
        other.run("seek 53");
        assertThat(counts(target, 2)).containsExactly(264L, 264L);
      } finally {
        command.destroy();
      }
      await().until(() -> !target.has(Target.frequency("p1")));
    }
  }
}
