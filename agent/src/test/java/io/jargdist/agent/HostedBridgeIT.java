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
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Root's command line on a JVM that has no privilege: the command line is the bridge. */
class HostedBridgeIT {
  private static final String SYNCS = "p:c:fsync()#syncs";
  private static final String[] NOBODY = {
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
  };

  /** The folder of the command's jar, which no other user may enter. */
  private Path ours;

  /** The folder of the target's classes. */
  private Path theirs;

  private Path jar;
  private Path classes;

  @BeforeEach
  void putTheJarWhereTheTargetCannotSeeIt() throws IOException {
    ours = Files.createTempDirectory("jargdist-root");
    theirs = Files.createTempDirectory("jargdist-nobody");
    Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxr-xr-x"));
    jar = Files.copy(Target.JAR, ours.resolve("jargdist.jar"));
    classes = Files.copy(Path.of(Target.classes()), theirs.resolve("calls.jar"));
  }

  @AfterEach
  void removeTheFolders() throws IOException {
    for (Path path : List.of(jar, classes, ours, theirs)) {
      Files.delete(path);
    }
  }

  @Test
  void countsExactlyAndIsGoneAfterCtrlC() throws Exception {
    try (Target target =
        Target.start(Jdks.own(), null, List.of("-cp", classes.toString()), NOBODY)) {
      FirstByte fsync = FirstByte.of(target, "p:c:fsync()");
      Process command = Command.start(jar, target, "--publish", "--no-placement", "-C", SYNCS);
      await().until(() -> target.has(Target.frequency("syncs")));
      assertThat(fsync.isBreakpoint()).isTrue();
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
      assertThat(target.agentAttribute("Bridge"))
          .isEqualTo("not running; a command line is the bridge of its own probes");
      assertThat(target.process().descendants()).isEmpty();

      Command.run(List.of("sh", "-c", "kill -INT " + command.pid()));
      assertThat(command.waitFor()).isZero();
      assertThat(fsync.isOriginal()).isTrue();
      await().until(() -> !target.has(Target.frequency("syncs")));
      assertThat(command.errorReader().lines()).isEmpty();

      // Again, in an agent whose jar is no longer on disk.
      Process again =
          Command.start(
              jar, target, "--publish", "-H", "r:c:read():int:$retval:$retval==4099#reads");
      await().until(() -> target.has(Target.histogram("reads")));
      target.run("read 101 4099");
      assertThat(target.attribute(Target.histogram("reads"), "Count")).isEqualTo(101L);
      again.destroy();
      assertThat(again.waitFor()).isZero();
      // From JDK 21 on the JVM itself tells of agents that are loaded into it (JEP 451).
      assertThat(target.errors().lines())
          .filteredOn(
              line -> !line.startsWith("WARNING: A Java agent has been loaded dynamically ("))
          .noneMatch(line -> line.contains("jargdist"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void reachesIntoAContainerAndLeavesNothingWhenKilled(Path jdk) throws Exception {
    Path tmp = Files.createTempDirectory("jargdist-container");
    String enter =
        String.format(
            Locale.ROOT,
            "chmod 1777 %1$s && mount --bind %2$s /mnt && mount --bind %1$s /tmp && exec \"$@\"",
            tmp,
            theirs);
    List<String> prefix =
        new ArrayList<>(
            List.of("unshare", "--pid", "--mount", "--fork", "--mount-proc", "sh", "-c", enter));
    prefix.add("sh");
    prefix.addAll(List.of(NOBODY));
    try (Target target =
        Target.start(jdk, null, List.of("-cp", "/mnt/calls.jar"), prefix.toArray(String[]::new))) {
      FirstByte fsync = FirstByte.of(target, "p:c:fsync()");
      Process command =
          Command.start(
              jar,
              target,
              "--publish",
              "--no-placement",
              "-C",
              SYNCS,
              "-C",
              "t:syscalls:sys_enter_fsync()#calls",
              "-i",
              "60");
      await().until(() -> target.has(Target.frequency("calls")));
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
      assertThat(target.attribute(Target.frequency("calls"), "Count")).isEqualTo(53L);
      assertThat(meetingPlaces(tmp)).isEmpty();

      List<ProcessHandle> children = command.descendants().toList();
      command.destroyForcibly();
      await()
          .atMost(Duration.ofSeconds(2))
          .until(
              () ->
                  fsync.isOriginal()
                      && !target.has(Target.frequency("syncs"))
                      && !target.has(Target.frequency("calls"))
                      && children.stream().noneMatch(Target::isRunning));
      target.run("fsync 5");
    } finally {
      Command.run(List.of("rm", "-r", tmp.toString()));
    }
  }

  private static List<Path> meetingPlaces(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".jargdist-")).toList();
    }
  }
}
