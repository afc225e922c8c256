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
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A child that the target's native code has forked holds the connection to the bridge when the
 * target has ended. It does not keep the privileged process.
 */
class LeftChildIT {
  /** Far longer than a bridge may outlive its target. */
  private static final String LEAVE_A_CHILD = "leave 1 120";

  private static String specifier() throws IOException {
    return "p:" + HardCalls.library() + ":hard_call(long value):u64:value#calls";
  }

  private static List<ProcessHandle> leftChildren(Target target) {
    return target
        .process()
        .toHandle()
        .children()
        .filter(child -> !target.children("BridgeMain").contains(child))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void theBridgeOfAJvmEndsWithIt(Path jdk) throws Exception {
    Target target = HardCalls.start(jdk, "-C '" + specifier() + "'").awaitAgent();
    List<ProcessHandle> children = List.of();
    try {
      await().until(() -> target.has(Target.frequency("calls")));
      assertThat(target.attribute(Target.frequency("calls"), "State")).isEqualTo("running");
      target.run(LEAVE_A_CHILD);
      children = leftChildren(target);
      ProcessHandle bridge = target.children("BridgeMain").get(0);
      assertThat(Target.isRunning(bridge)).isTrue();
      target.process().destroyForcibly().waitFor();
      await().atMost(Patience.seconds(5)).until(() -> !Target.isRunning(bridge));
      assertThat(children.stream().filter(Target::isRunning)).as("the left child").hasSize(1);
    } finally {
      children.forEach(ProcessHandle::destroyForcibly);
      target.close();
    }
  }

  @Test
  void theCommandLineEndsWithItsTarget() throws Exception {
    Target target = HardCalls.start(Jdks.own(), null);
    List<ProcessHandle> children = List.of();
    Process command = Command.start(target, "-C", specifier(), "-i", "1");
    try {
      String first = command.inputReader().readLine();
      assertThat(first).as("a row, or: %s", command.isAlive()).isNotNull();
      target.run(LEAVE_A_CHILD);
      children = leftChildren(target);
      target.process().destroyForcibly().waitFor();
      assertThat(command.waitFor(Patience.seconds(10).toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(children.stream().filter(Target::isRunning)).as("the left child").hasSize(1);
    } finally {
      command.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
      target.close();
    }
  }
}
