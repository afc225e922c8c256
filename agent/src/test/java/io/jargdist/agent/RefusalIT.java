/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that cannot be fulfilled get a line with the remedy, and harm no process. */
class RefusalIT {
  private static final String SYNCS = "p:c:fsync()#syncs";

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void unknownFunctionAtStartIsShownOnStderrAndOnItsMBean(Path jdk) throws Exception {
    try (Target target =
        Target.withAgent(jdk, "-C 'p:c:fsink()#typo' -C '" + SYNCS + "'").awaitAgent()) {
      await().until(() -> target.has(Target.frequency("syncs")));
      assertThat(target.errors())
          .contains("has no function \"fsink\"")
          .contains("hint: did you mean");
      assertThat((String) target.attribute(Target.frequency("typo"), "State"))
          .startsWith("failed: ");
      assertThat((String) target.attribute(Target.frequency("typo"), "LastError"))
          .contains("fsink");
      assertThat((String) target.agentAttribute("LastError")).contains("fsink");
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--nonsense | unknown option --nonsense",
        "-I /etc/passwd -C p:c:fsync() | -I takes no",
        "-H | has no value",
        "-z zero -C p:c:fsync() | takes a positive number",
        "-H 'r:c:read() | is not closed",
        "@/no/such/file | cannot read the options",
      })
  void badOptionsAreALineOnStderr(String options, String message) throws Exception {
    try (Target target = Target.withAgent(Jdks.own(), options.strip()).awaitAgent()) {
      assertThat(target.errors()).startsWith("jargdist: ").contains(message.strip());
      assertThat(target.errors().lines()).hasSize(1);
      target.run("fsync 5");
    }
  }

  @Test
  void withoutPrivilegeTheApplicationRunsAndTheMBeansSayWhatIsMissing() throws Exception {
    try (TestUser user = TestUser.create();
        TestUser other = TestUser.create();
        Target target =
            Target.start(
                    Jdks.own(),
                    null,
                    List.of(
                        "-javaagent:" + user.give(Target.JAR) + "=-C '" + SYNCS + "'",
                        "-cp",
                        user.give(Path.of(Target.classes())).toString()),
                    user.prefix())
                .awaitAgent()) {
      await().until(() -> target.has(Target.frequency("syncs")));
      assertThat((String) target.attribute(Target.frequency("syncs"), "State"))
          .startsWith("failed: no privilege to probe");
      assertThat(target.errors())
          .contains("start the JVM as root, or with CAP_BPF and CAP_PERFMON");
      target.run("fsync 5");

      Result asOther =
          other.run(
              Jdks.own().resolve("bin/java").toString(),
              "-jar",
              other.give(Target.JAR).toString(),
              "-p",
              Long.toString(target.pid()),
              "-C",
              SYNCS);
      assertThat(asOther.exit()).isEqualTo(3);
      assertThat(asOther.err())
          .contains("belongs to another user (uid " + user.uid() + ")")
          .contains("as root");
    }
  }

  @Test
  void withoutLibbccItSaysWhatToInstall() throws Exception {
    String hide =
        "for f in /usr/lib/*/libbcc.so.0.*; do mount --bind /dev/null $f; done; exec \"$@\"";
    try (Target target =
        Target.start(Jdks.own(), "", List.of(), "unshare", "-m", "sh", "-c", hide, "sh")
            .awaitAgent()) {
      assertThatThrownBy(() -> target.agent("count", SYNCS))
          .hasMessageContaining("libbcc.so.0 cannot be loaded: apt-get install libbpfcc");
      target.run("fsync 5");
    }
  }

  @Test
  void withoutTracefsOnlyTracepointsAreRefused() throws Exception {
    String hide =
        "umount -l /sys/kernel/tracing; umount -l /sys/kernel/debug 2>/dev/null; exec \"$@\"";
    try (Target target =
        Target.start(Jdks.own(), "", List.of(), "unshare", "-m", "sh", "-c", hide, "sh")
            .awaitAgent()) {
      assertThatThrownBy(() -> target.agent("count", "t:sched:sched_switch()"))
          .hasMessageContaining("mount -t tracefs tracefs /sys/kernel/tracing");
      target.add("count", SYNCS);
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
    }
  }

  @Test
  void refusedSpecifiersReachTheJmxClientWithTheReason() throws Exception {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("p:c:fsink()", "has no function");
    reasons.put("u:nolib:gc__begin()", "has not mapped a library");
    reasons.put("t:syscalls:sys_enter_wrte()", "did you mean sys_enter_write");
    reasons.put("u:jvm:gc_begin()", "did you mean gc__begin");
    reasons.put("r:jvm:_ZN12outputStream2crEv()", "can crash the JVM");
    reasons.put("p::no_such_function()", "this kernel has no");
    reasons.put("p:c:fsync", "parentheses must follow");
    // JConsole has this in the field before the user types.
    reasons.put("String", "replace the word String by a specifier");
    reasons.put("p:c:fsync():int:system(1)", "functions cannot be called");
    try (Target target = Target.withAgent(Jdks.own(), "").awaitAgent()) {
      reasons.forEach(
          (specifier, reason) ->
              assertThatThrownBy(() -> target.agent("count", specifier))
                  .as(specifier)
                  .isNotInstanceOf(java.rmi.UnmarshalException.class)
                  .hasMessageContaining(reason));
      target.run("fsync 5");
    }
  }

  @Test
  void commandLineTellsWhyAJvmCannotBeReached() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of("-XX:+DisableAttachMechanism"))) {
      Result result = Command.jargdist("attach", Long.toString(target.pid()), "-C", SYNCS);
      assertThat(result.exit()).isEqualTo(3);
      assertThat(result.err())
          .contains("does not let agents in")
          .contains("-javaagent:jargdist.jar");
      assertThat(result.err().lines()).hasSize(1);
      target.run("fsync 5");
    }
    assertRefused(3, "there is no process 999999999", "-p", "999999999", "-C", SYNCS);
    Process noJvm = new ProcessBuilder("tail", "-f", "/dev/null").start();
    assertRefused(3, "is not a JVM", "attach", Long.toString(noJvm.pid()), "-C", SYNCS);
    noJvm.destroy();
    assertRefused(2, "which process?", "-C", SYNCS);
    assertRefused(2, "at least one specifier is required", "-p", "1");
    assertRefused(2, "--nonsense", "-p", "1", "--nonsense");
    assertRefused(2, "no file is read", "-p", "1", "-C", SYNCS, "-I", "/etc/passwd");
    assertRefused(2, "-i", "-p", "1", "-C", SYNCS, "-i", "soon");
  }

  private static void assertRefused(int exit, String message, String... arguments)
      throws Exception {
    Result result = Command.jargdist(arguments);
    assertThat(result.exit()).isEqualTo(exit);
    assertThat(result.err()).startsWith("jargdist: ").contains(message);
    assertThat(result.err().lines()).hasSize(1);
  }
}
